"""A gateway in memory with the shapes of the real one: pages are developed and pictured on it.

It keeps what acts do (claims, acknowledgements, drafts, releases), so that a page can be used and
not only looked at. Nothing of it is signed; tests of proofs use real stations.
"""

# ruff: noqa: A001, A002, PLR0917 - it has the names and the order of the gateway it stands for.
# fmt: off
from __future__ import annotations

import asyncio
import hashlib
import itertools
import secrets
from dataclasses import replace
from types import SimpleNamespace as Shape

from parley.errors import (
    ConflictError,
    DraftChangedError,
    DraftOfAnotherError,
    NotAllowedError,
    NotFoundError,
    OwnDraftError,
    StaleVersionError,
    StationUnreachableError,
    TooManyError,
    UsageError,
)
from parley.station.actors import GLASS_ROLE, Actor
from parley.station.attachments import Content
from parley.station.desk_views import DraftRequest, DraftText, HeldChannelAct
from parley.station.digests import digest_of
from parley.station.exercise_views import ExerciseView, ReactionView
from parley.station.history import look_at_history
from parley.station.map_views import MapView
from parley.station.preconditions import GraphView
from parley.station.template_views import TemplateView
from parley.station.tool_views import (
    ChannelDays,
    CourierEntries,
    CourierLook,
    CourierMade,
    CourierRow,
    DigestHit,
    FeedMade,
    FeedView,
    GlassCode,
    GlassMade,
    GlassState,
    LaneView,
    PartyDay,
    PartyDays,
    SilenceView,
    TermView,
    TimelineView,
    WatchRow,
    WatchState,
    WebhookMade,
    WebhookTest,
    WebhookView,
)
from parley.station.views import Page
from support import fake_places

NOW = 1_795_469_047  # 23 NOV 26 21:24:07Z
WORDS_EN = ("river", "anvil", "mint", "castle", "wren", "orbit", "cedar", "fable", "lunar", "pivot", "quartz", "saddle")
WORDS_ZH = ("江河", "铁砧", "薄荷", "城堡", "鹪鹩", "轨道", "雪松", "寓言", "月亮", "支点", "石英", "马鞍")
WORDS = {"en": WORDS_EN, "zh": WORDS_ZH}


def text(lang, words, status="authentic"):
    return Shape(lang=lang, status=status, text=words, hidden=[])


def both(en, zh):
    return {"en": en, "zh": zh}


def field(name, kind, en, zh, *, required=False, choices=(), help_en="", help_zh="", default=None, unit=None):
    return Shape(name=name, number=32, type=kind, required=required, label=both(en, zh), help=both(help_en, help_zh), choices=[Shape(value=v, label=both(e, z)) for v, e, z in choices], default=default, unit=unit, bounds={})


REASONS = (("scheduling", "dates", "日程"), ("authority", "no mandate yet", "尚无授权"), ("precondition-unmet", "waits for something", "条件未满足"), ("no-reason", "no reason given", "未说明理由"))
MESSAGE = [field("answer_wanted", "choice", "Answer wanted", "是否要求答复", choices=(("none", "none", "不要求"), ("ack", "acknowledgement", "签收确认"), ("reply", "reply", "答复"))), field("reply_by", "due", "Answer asked for within", "请求答复期限", help_en="A length counted from delivery, such as PT3H, or a time with zone.", help_zh="自送达起算的时长，如 PT3H，或带时区的时间。")]
REQUEST = [field("level", "text", "Level", "级别", required=True), field("form", "choice", "Form", "形式", required=True, choices=(("call", "call", "通话"), ("meeting", "meeting", "会晤"), ("letters", "exchange of letters", "换文"))), field("reply_by", "due", "Answer by", "答复期限", required=True, default="PT3H"), field("public", "boolean", "May we say that we asked", "可否公开已提出请求")]


def move(procedure, name, en, zh, button_en, button_zh, *, opens, fields=(), permitted=True, why=""):
    return Shape(procedure=procedure, move=name, number=100, label=both(en, zh), button=both(button_en, button_zh), by="author", opens=opens, fields=list(fields), permitted=permitted, why_not=why)


def passage(number, status, texts, brackets=(), *, before=None, version=1, by="ALFA"):
    return Shape(number=number, status=status, texts=texts, brackets=list(brackets), said=texts, before=before, version=version, by=by)


PASSAGES = [
    passage("title", "", {"en": "On nets", "zh": "关于渔网"}),
    passage("1", "bracketed", {"en": "Keep 500 yards.", "zh": "保持500码。"}, [{"id": "b1", "by": "BRAVO", "words": {"en": "500", "zh": "500"}, "alternatives": [{"by": "BRAVO", "words": {"en": "400", "zh": "400"}}]}], before={"en": "Keep 300 yards.", "zh": "保持300码。"}, version=2, by="BRAVO"),
    passage("2", "deleted", {}),
]
FACTS = [
    Shape(column="read_back", label=both("read back", "复诵"), value={"en": "agrees <b>", "zh": "一致"}),
    Shape(column="timely", label=both("in time", "是否及时"), value=False),
    Shape(column="missing", label=both("missing", "缺项"), value=["level", "strength"]),
]
COMPARED = [
    Shape(field="1.distances", status="differ", by=None, side=None, values={"en": [{"written": "500 yards", "value": "457.2 m", "at": 3}], "zh": [{"written": "300码", "value": "274.32 m", "at": 9}]}),
    Shape(field="when", status="differ", by={"seconds": 180}, side=None, values={"ALFA": "2026-11-23T21:03:00Z", "BRAVO": "2026-11-23T21:06:00Z"}),
    Shape(field="phases.approach.time", status="agree", by=None, side=None, values={"ALFA": "2026-11-23T20:50:00Z", "BRAVO": {"at": "2026-11-23T20:00:00Z", "precision": "hour"}}),
    Shape(field="closest", status="differ", by={"metres": 60}, side=None, values={"ALFA": 100, "BRAVO": 160}),
    Shape(field="2.dates", status="agree", by=None, side=None, values={}),
]


class FakeGateway:
    def __init__(self, *, code="ALFA", mark="LIVE", now=NOW, empty=False):
        self.time = now
        self.empty = empty
        self._number = itertools.count(413)
        self._sequence = 28_114
        self._changed = asyncio.Event()
        self._log = []
        self.silent = False
        self.lapsed = True
        self._sessions = {}
        self.suspended = []
        self.readers = 0
        self.sounds = {}
        self._links = {}
        self._passkeys = {}
        self.released = {}
        self.accounts = {}
        self.read = {}
        self.released_by_key = {}
        self.acknowledged = []
        self.kept = []
        self.asked = []
        self.confirmed = []
        self.proposed = []
        self.feeds = {}
        self.tours = {}
        self.noticed = []
        self.claimed = []
        self.translated = []
        self.code = code
        self._station = Shape(code=code, name="Alfa, Ministry of Defence", party="5f" * 16, mark=mark, version="0.1.0", words=WORDS, release_policy="two-person", languages=["en", "zh"], started_at=now - 86_000, sequence=self._sequence, epoch="e1", directory="station", listen=["127.0.0.1:7001"], officers_count=3)
        self._officers = {
            "ALFA-W2": Actor(officer="ALFA-W2", roles=frozenset({"watch", "desk", "administrator"}), via="console"),
            "ALFA-I1": Actor(officer="ALFA-I1", roles=frozenset({"interpreter"}), via="console"),
            "ALFA-R1": Actor(officer="ALFA-R1", roles=frozenset({"releaser", "desk"}), via="console"),
        }
        self._drafts = {}
        self._alarms = {}
        self.stopped = []
        self.glass = GlassState(open_by=(), until=None, items=[])
        self.hooks, self.answering = {}, set()
        self.glass_tries = 0
        self.changed = {}
        self.unread = 0
        self.own_terms = {}
        self.alone = []
        self._exercises = [] if empty else [
            ExerciseView(number="EX-0001", name="Autumn watch", channels=["OPS"], speed=5, started_at=now - 90_000, started_by="ALFA-R1", ended_at=now - 85_000, ended_by="ALFA-R1", reactions=[
                ReactionView(what="inject", number=1, text="A tug calls: adrift off the pier.", at=now - 89_000, state="handled", alarm="A-000007", claimed_by="ALFA-W1", claimed_after_s=41, handled_by="ALFA-W1", handled_after_s=610, how="BRAVO was told"),
                ReactionView(what="entry", number=None, text="", at=now - 88_000, state="claimed", alarm="A-33", entry="OPS/BRAVO/33", peer="BRAVO", precedence="Z", claimed_by="ALFA-W2", claimed_after_s=9),
                ReactionView(what="inject", number=2, text="=The telephone fails.", at=now - 85_500, state="not-raised"),
            ]),
        ]
        self._templates = {
            "night-exercise": TemplateView(code="night-exercise", names=both("Exercise at night", "夜间演习"), procedure="message", move="send", channel=None, precedence="P", action=["BRAVO"], info=[], fields={"subject": both("Exercise at night", "夜间演习")}, texts=[text("en", "An exercise is held at night in area A."), text("zh-Hans", "将在A区举行夜间演习。")], version=2, written_by="ALFA-W2", changed_at=now - 90_000, reviewed_by="ALFA-R1", reviewed_at=now - 80_000),
            "closing-track": TemplateView(code="closing-track", names=both("Converging track", "交叉航迹"), procedure="message", move="send", channel="OPS", precedence="Z", action=["BRAVO"], info=[], fields={}, texts=[text("en", "Your aircraft closes on ours.")], version=1, written_by="ALFA-W2", changed_at=now - 900, reviewed_by=None, reviewed_at=None),
        }
        self.watch_state = WatchState(officer="ALFA-W1", since=now - 20_000, offered_to=None, offered_at=None)
        self.watch_book = [
            WatchRow(number=1, kind="leave", at=now - 40_000, officer="ALFA-W1", to="", text="Drill of the fire brigade.", items=0, digest="ab" * 32),
            WatchRow(number=2, kind="take", at=now - 20_000, officer="ALFA-W1", to="", text="", items=2, digest="ab" * 32),
            WatchRow(number=3, kind="note", at=now - 9_000, officer="ALFA-W1", to="", text="BRAVO announced a change of its contact office by telephone.", items=0, digest="ab" * 32),
        ]
        self._entries = {}
        self._needs = []
        if not empty:
            self._fill()

    # -- state ---------------------------------------------------------------------------------
    def _fill(self):
        t = self.time
        self.add_entry("OPS/BRAVO/31", "BRAVO", "message", "send", "R", both("Schedule of line checks for December", "十二月线路检查时间表"), [text("zh-Hans", "十二月线路检查仍按每日 0100Z 和 0900Z 进行。", "authentic"), text("en", "Line checks in December stay at 0100Z and 0900Z daily.", "courtesy")], t - 9000)
        self.add_entry("OPS/BRAVO/32", "BRAVO", "request", "open", "O", both("Call at theatre level", "战区级通话"), [text("en", "We ask for a call between the theatre commanders on the encounter of this morning.")], t - 7900, case="REQ-BRAVO-32")
        self.add_entry("OPS/ALFA/40", "ALFA", "request", "open", "P", both("Meeting of the working group on safety at sea", "海上安全工作组会晤"), [text("en", "We propose that the working group meets before 15 December.")], t - 41 * 86_400 - 14_400, own=True, case="REQ-ALFA-40")
        self.add_entry("OPS/ALFA/41", "ALFA", "message", "send", "P", both("Change of our contact office", "我方联络处变更"), [text("en", "From 1 December our contact office is OPS-2. Numbers stay as they are."), text("zh-Hans", "自12月1日起，我方联络处为 OPS-2，号码不变。", "courtesy")], t - 3600, own=True)
        self.raise_flash("OPS/BRAVO/33", both("Aircraft closing on converging track", "航空器以交叉航迹接近"), [text("zh-Hans", "我方一架巡逻机与贵方一架飞机正以交叉航迹接近，位置北纬10度02分、东经114度31分，高度两千米。请立即向南转向，并在本线路确认。"), text("en", "One of our patrol aircraft and one of yours are closing on converging tracks near 10-02N 114-31E at 2,000 m. Turn south at once and confirm on this line.", "courtesy")], age_s=41)
        self._needs += [
            Shape(id="n2", kind="answer", precedence="O", peer="BRAVO", channel="OPS", title="", subject=both("Call at theatre level", "战区级通话"), since=t - 7900, due_at=t + 1100, left_s=1100, entry="OPS/BRAVO/32", case="REQ-BRAVO-32", draft=None, claimed_by=None, claimed_at=None, resource=""),
            Shape(id="n3", kind="key", precedence=None, peer="DELTA", channel=None, title="", subject=both("Release to DELTA is stopped", "已停止向 DELTA 发布"), since=t - 8340, due_at=None, left_s=None, entry=None, case=None, draft=None, claimed_by=None, claimed_at=None, resource=""),
        ]
        self._drafts["D-0412"] = self._draft("D-0412", "ALFA-W2", "request", "open", "O", both("Dialogue on overflight rules", "飞越规则对话"), [text("en", "We ask for talks between desk officers on overflight rules, by video, this week."), text("zh-Hans", "我方请求本周以视频方式就飞越规则举行主管官员会谈。", "courtesy")], state="held", fields={"level": "desk", "form": "call", "reply_by": "PT3H", "subject": {"en": "Dialogue on overflight rules"}})
        self._drafts["D-0409"] = self._draft("D-0409", "ALFA-R1", "message", "send", "R", both("Holiday hours", "节日值班时间"), [text("en", "Our desk is staffed on 24 and 25 December from 0800Z to 1600Z.")], state="held", fields={"subject": {"en": "Holiday hours"}})

    def add_entry(self, name, party, procedure, move_name, precedence, subject, texts, at, *, own=False, case=None, received=None):
        channel, _, index = name.split("/")[0], name.split("/")[1], int(name.split("/")[2])
        self._sequence += 1
        digest = hashlib.sha256(name.encode()).hexdigest()
        state = "delivered" if own else None
        attachments = []
        if name == "OPS/BRAVO/33":
            files = (("chart.pdf", "application/pdf", 8, "here", 1, 1), ("soundings.csv", "text/csv", 70_000, "missing", 3, 2), ("photograph.png", "image/png", 900, "type", 1, 1))
            attachments = [Shape(name=called, type=kind, bytes=size, digest=hashlib.sha256(called.encode()).hexdigest(), state=was, parts=parts, parts_here=here, per_peer={}, resource="") for called, kind, size, was, parts, here in files]
        delivery = Shape(state=state, reached=True, stored_at=at, steps=[Shape(state="stored", step="stored", at=at, by="ALFA", entry=None, statement_no=411, text=None), Shape(state="delivered", step="delivered", at=at + 4, by="BRAVO", entry=None, statement_no=9911, text=None)], per_peer={"BRAVO": {"delivered_at": at + 4, "delivered_claimed": at + 4, "missing": False}}) if own else None
        self._entries[name] = Shape(
            name=name, channel=channel, party=party, index=index, ordinal=1, own=own, kind=1, procedure=procedure, move=move_name, precedence=precedence, mark=self._station.mark, attributable=True,
            subject=subject, texts=texts, case=case, refs=[], action=["ALFA" if not own else "BRAVO"], info=[], times=Shape(claimed_at=at - 9, received_at=received or at, witnessed_at=None, differs_s=9), delivery=delivery,
            hash=digest, sequence=self._sequence, size=412, is_read=True, fields=[Shape(number=25, name="subject", label=both("Subject", "主题"), value="", shown="")], seen={"ALFA": 41}, acknowledgements=[],
            proof_summary=Shape(signed=True, statement_no=9911, receipted_by=["ALFA"], witnessed_by=[]), moves=[], withheld=[], attachments=attachments, cannot_process="attachment-missing" if attachments else "")

    def raise_flash(self, name, subject, texts, *, age_s=0):
        at = self.now() - age_s
        self.add_entry(name, "BRAVO", "message", "send", "Z", subject, texts, at)
        alarm = Shape(id=f"A-{name.rpartition('/')[2]}", kind="flash", peer="BRAVO", channel="OPS", precedence="Z", text="FLASH from BRAVO", entry=name, case=None, raised_at=at, claimed_by=None, claimed_at=None, handled_by=None, handled_at=None, reason=None, open=True, sounds=True, again_at=None, snoozed_until=None, handed_by=None)
        self._alarms[alarm.id] = alarm
        self._needs.insert(0, Shape(id=f"alarm-{alarm.id}", kind="alarm", precedence="Z", peer="BRAVO", channel="OPS", title="", subject=subject, since=at, due_at=None, left_s=None, entry=name, case=None, draft=None, claimed_by=None, claimed_at=None, resource=f"/api/v1/alarms/{alarm.id}"))
        self._publish("alarm", what="raised")

    def _draft(self, id, author, procedure, move_name, precedence, subject, texts, *, state="open", fields=None, version=3):
        raw = repr((id, version, fields, [(t.lang, t.status, t.text) for t in texts])).encode()
        digest = hashlib.sha256(raw).hexdigest()
        return Shape(id=id, template=None, exercise_over=False, version=version, state=state, channel="OPS", procedure=procedure, move=move_name, refs=[], non_attributable=False, case=None, precedence=precedence, mark=self._station.mark, action=["BRAVO"], info=[], fields=dict(fields or {}), texts=texts, subject=subject, author=author, writer=author, taken_at=None, taken_from=None, taken_why=None, edited_by=[author], created_at=self.now() - 900, changed_at=self.now() - 720, needs=["releaser"], digest=digest, digest_words=list(WORDS_EN[:4]), size=len(raw), entry=None, reason=None, etag=f'"{version}"')

    def _publish(self, kind, **data):
        self._sequence += 1
        self._station.sequence = self._sequence
        self._log.append(Shape(id=f"e1.{self._sequence}", type=kind, resource="", seq=self._sequence, data={"type": kind, "seq": self._sequence, **data}))
        self._changed.set()

    def now(self):
        return self.time

    def sequence(self):
        return self._sequence

    # -- sessions ------------------------------------------------------------------------------
    async def sign_in_link(self, actor, officer, *, minutes=60):
        secret = secrets.token_hex(16)
        self._links[secret] = officer
        return secret

    async def use_sign_in_link(self, secret):
        if secret not in self._links:
            raise NotAllowedError("this sign-in link was used already or is unknown", next_step="Ask for a new one: parley officer link CODE.")
        return self._links.pop(secret)

    async def open_session(self, officer, *, how, hours=12):
        secret = secrets.token_hex(16)
        self._sessions[secret] = officer
        return secret

    def session(self, secret):
        officer = self._sessions.get(secret, "")
        return None if officer in self.suspended else self._officers.get(officer)

    async def add_officer(self, actor, code, *, roles):
        actor.require("administer")
        self._officers[code] = Actor(officer=code, roles=frozenset(roles), via="console")

    async def suspend_officer(self, actor, code):
        actor.require("administer")
        self.suspended.append(code)
        self._sessions = {key: who for key, who in self._sessions.items() if who != code}

    async def close_session(self, secret):
        self._sessions.pop(secret, None)

    def webhooks(self):
        return list(self.hooks.values())

    async def add_webhook(self, actor, *, label, url, topics, channels):
        actor.require("administer")
        if not url.startswith("https://monitor.example/"):
            raise NotAllowedError("webhooks may not go to that host", next_step="An administrator lists it: [webhooks] hosts.")
        made = WebhookView(id=f"5f0c21ab9e{len(self.hooks):02}", label=label, url=url, topics=topics, channels=channels, public_key="whpk_AAAA", made_by=actor.officer, made_at=self.now(), delivered=0, waiting=0, given_up=0, lost=0, last_at=None, last_said="", gone=False)
        self.hooks[made.id] = made
        return WebhookMade(webhook=made, secret="whsec_c2VjcmV0")

    async def end_webhook(self, actor, hook):
        actor.require("administer")
        return self.hooks.pop(hook)

    async def test_webhook(self, actor, hook):
        actor.require("administer")
        return WebhookTest(taken=hook in self.answering, status=None, said="nobody answered")

    async def replay_webhook(self, actor, hook, *, after):
        actor.require("administer")
        self.hooks[hook] = replace(self.hooks[hook], gone=False, waiting=0, given_up=0)
        return self.hooks[hook]

    def break_glass(self):
        return self.glass

    async def make_glass_code(self, actor, holder, *, days=366):
        actor.require("administer")
        t = self.now()
        code = GlassCode(number=len(self.glass.items) + 1, holder=holder, made_by=actor.officer, made_at=t, expires_at=t + days * 86_400, state="ready")
        self.glass = replace(self.glass, items=[code, *self.glass.items])
        return GlassMade(code=code, secret=f"{code.number}-7K3QF-9XZTM-2HJ8D-VW4PA")

    async def open_break_glass(self, codes, *, source):
        self.glass_tries += 1
        if self.glass_tries > 5:
            raise TooManyError("too many break-glass codes were wrong; nothing was opened", wait_s=60)
        if sorted(code[:2] for code in codes) != ["1-", "2-"]:
            raise NotAllowedError("these are no two codes of two holders that are good now; neither was used up")
        self.glass = replace(self.glass, open_by=["ALFA-2", "ALFA-3"], until=self.now() + 3_600)
        self._officers["break-glass:ALFA-2+ALFA-3"] = Actor(officer="break-glass:ALFA-2+ALFA-3", roles=frozenset({"watch", GLASS_ROLE}), via="break-glass")
        return await self.open_session("break-glass:ALFA-2+ALFA-3", how="break-glass")

    async def end_break_glass(self, actor):
        actor.require("administer")
        self.glass = replace(self.glass, open_by=(), until=None)
        return self.glass

    def passkeys(self, officer):
        return [row for row in self._passkeys.values() if row.officer == officer]

    def passkey(self, credential_id):
        return self._passkeys.get(credential_id)

    async def add_passkey(self, actor, officer, row):
        self._passkeys[row.credential_id] = row

    async def used_passkey(self, credential_id, sign_count):
        pass

    # -- reading -------------------------------------------------------------------------------
    def station(self):
        return self._station

    def peers(self):
        if self.empty:
            return []
        t = self.now()

        def one(code, name, state, trusted, **more):
            return Shape(code=code, name=name, party=code.encode().hex().ljust(32, "0"), key_state=state, trusted=trusted, verified_at=t - 52 * 86_400 if trusted else None, verified_by=["ALFA-W2", "ALFA-R1"] if trusted else [], method="in_person" if trusted else None, words=WORDS, card=self._card(code, name), addresses=[more.get("address", "127.0.0.1:7002")], words_failed=0, locked_until=None, key_change=more.get("change"), next=more.get("next", ""))

        change = Shape(seen_at=t - 8340, words_old=both(list(WORDS_EN), list(WORDS_ZH)), words_new=both(list(reversed(WORDS_EN)), list(reversed(WORDS_ZH))), signed_by_old=False)
        return [one("BRAVO", "Bravo, General Staff", "verified", True), one("DELTA", "Delta, Foreign Ministry", "changed", False, change=change, next="Compare the new words in person or by voice, or reject the card."), one("ECHO", "Echo, Coast Guard Command", "verified", True), one("CHARLIE", "Charlie, witness", "verified", True, address="http://127.0.0.1:7003")]

    def peer(self, code):
        for peer in self.peers():
            if peer.code == code:
                return peer
        raise NotFoundError(f"there is no peer {code}")

    def own_card(self):
        return self._card(self.code, self._station.name)

    def own_card_page(self):
        return "<svg xmlns='http://www.w3.org/2000/svg'/>"

    def _card(self, code, name):
        t = self.now()
        return Shape(code=code, name=name, party=self._station.party, words=WORDS, armour="", sequence=2, issued=t - 90 * 86_400, not_after=t + 640 * 86_400, paths=[], station_keys=self._station_keys(code))

    def _station_keys(self, code):
        t = self.now()
        keys = [(1, -700, -335, None), (2, -365, 1, -30), (3, -30, 335, None), (4, 300, 665, None)] if code == "BRAVO" else [(1, -90, 640, None)]
        return [Shape(number=n, ed=f"{n:02x}" * 32, not_before=t + a * 86_400, until=t + b * 86_400, revoked=None if r is None else t + r * 86_400) for n, a, b, r in keys]

    def links(self):
        return [Shape(peer=line.peer, trusted=line.trusted, alive=line.line == "alive", last_heard=line.last_heard, round_trip_ms=line.round_trip_ms, clock_offset_s=line.clock_offset_s, key_state=line.key_state, paths=line.paths, queued=line.queued) for line in self.overview().lines]

    def link(self, code):
        return next(link for link in self.links() if link.peer == code)

    def lines(self):
        return self.overview().lines

    def record_rows(self):
        return self.overview().record

    def overview(self, *, now=None):
        t = self.now()
        if self.empty:
            return Shape(station=self._station, now=t, lines=[], needs=[], needs_count=0, needs_oldest=None, balances=[], drafts_held=0, drafts_oldest=None, record=[], last_24h=[])

        def line(peer, state, heard, channel, ours, theirs, person, trusted=True, key="verified", witness=None):
            paths = [Shape(address="127.0.0.1:7002", carrier="tls", up=state == "alive", rate_bps=None, cost=1, pad_bytes=None, turn_s=None, bytes_a_day=None, peer_pads=None)]
            return Shape(peer=peer, name=peer, key_state=key, trusted=trusted, line=state, since=heard, last_heard=heard, silent_s=t - heard, round_trip_ms=38 if state == "alive" else None, clock_offset_s=0, declared=[Shape(channel=channel, ours=ours, theirs=theirs, opened=True)], person=person, queued={"Z": 0, "O": 0, "P": 0, "R": 0}, paths=paths, witness=witness)

        bravo = "silent" if self.silent else "alive"
        lines = [line("BRAVO", bravo, t - (75 if self.silent else 3), "OPS", "open", "open", Shape(state="answered", at=t - 1267, entry=None, misses=0)), line("DELTA", "stopped", t - 273_840, "HUM", "open", "open", Shape(state="missed", at=t - 273_840, entry=None, misses=4), trusted=False, key="changed"), line("ECHO", "alive", t - 8, "SAR", "suspended", "suspended", Shape(state="answered", at=t - 44_647, entry=None, misses=0)), line("CHARLIE", "witness", t - 6, "OPS", "open", "open", Shape(state="never", at=None, entry=None, misses=0), witness=Shape(size=18_203, of=18_204, at=t - 6))]

        def side(owed, asked, lapsed, proved, dark, oldest):
            return Shape(owed=owed, asked=asked, lapsed=lapsed, proved=proved, dark=dark, late=0, oldest_at=oldest)

        balances = [Shape(peer="BRAVO", they_owe=side(2, 3, 3, 2, 0, t - 41 * 86_400 - 14_400), we_owe=side(1, 1, 0, 0, 0, t - 7900)), Shape(peer="DELTA", they_owe=side(0, 1, 1, 0, 1, t - 2 * 86_400), we_owe=side(0, 0, 0, 0, 0, None))]
        held = [draft for draft in self._drafts.values() if draft.state == "held"]
        needs = [need for need in self._needs if not self._is_handled(need)]
        if held:
            needs.append(Shape(id="held", kind="draft", precedence=None, peer=None, channel=None, title="", subject=both(f"{len(held)} drafts wait for a releaser", f"{len(held)} 份草稿等待发布人"), since=t - 720, due_at=None, left_s=None, entry=None, case=None, draft=None, claimed_by=None, claimed_at=None, resource="/api/v1/drafts"))
        marks = [Shape(at=t - ago, kind=kind, peer="BRAVO", entry=None) for ago, kind in ((80_000, "R"), (66_000, "P"), (61_000, "lapsed"), (40_000, "R"), (22_000, "O"), (7900, "O"), (9000, "R"), (3600, "P"), (41, "Z"))]
        record = [Shape(channel="OPS", peer="BRAVO", own_size=18_204, their_receipt_size=18_204, their_size=9911, our_held_size=9911, agrees=True, statement_at=t - 3), Shape(channel="HUM", peer="DELTA", own_size=40, their_receipt_size=38, their_size=12, our_held_size=12, agrees=False, statement_at=t - 273_840)]
        return Shape(station=self._station, now=t, lines=lines, needs=needs, needs_count=len(needs), needs_oldest=min((need.since for need in needs), default=None), balances=balances, drafts_held=len(held), drafts_oldest=t - 720, record=record, last_24h=marks)

    def _is_handled(self, need):
        alarm = self._alarms.get(need.id.removeprefix("alarm-"))
        if alarm:
            need.claimed_by, need.claimed_at = alarm.claimed_by, alarm.claimed_at
            return not alarm.open
        return False

    def inbox(self, *, role=None, limit=100, cursor=None):
        rows = []
        for need in self.overview().needs:
            entry = self._entries.get(need.entry or "")
            rows.append(Shape(**vars(need), texts=entry.texts if entry else [], received_at=entry.times.received_at if entry else None, claimed_at_by_sender=entry.times.claimed_at if entry else None))
        return Shape(items=rows[:limit], next_cursor=None)

    def inbox_count(self):
        if self.unread:
            raise StationUnreachableError("the desk is still reading the record")
        return len(self.overview().needs)

    def facts_to_read(self):
        return self.unread

    def stopped_logs(self):
        return list(self.stopped)

    def alarms(self, *, open_only=True):
        return [alarm for alarm in self._alarms.values() if alarm.open or not open_only]

    def entries(self, *, channel=None, newest_first=False, limit=100, **filters):
        rows = [entry for entry in self._entries.values() if channel in (None, entry.channel)]
        for name in ("party", "precedence", "procedure", "case", "own"):
            if filters.get(name) is not None:
                rows = [row for row in rows if getattr(row, name) == filters[name]]
        rows.sort(key=lambda row: row.sequence, reverse=newest_first)
        return Shape(items=rows[:limit], next_cursor=None)

    def readings(self, entry):
        return [Shape(paragraph=key, mark=mark, note=note, officer="ALFA-D1", at=self.now()) for key, (mark, note) in sorted(self.read.get(entry, {}).items())]

    async def put_readings(self, actor, entry, marks):
        actor.require("draft-freely")
        self.read[entry] = dict(marks)
        return self.readings(entry)

    def entry(self, name):
        if name not in self._entries:
            raise NotFoundError(f"there is no entry {name}")
        entry = self._entries[name]
        if not entry.own:
            entry.moves = [move("message", "reply", "reply", "答复", "Answer", "答复", opens=False, fields=MESSAGE)]
        return entry

    def proof(self, name):
        entry = self.entry(name)
        statement = Shape(text=f"parley1/{'ab' * 16}/{'5f' * 16}/{'01' * 8}\n9911\nq83vEjRWeJA=\nno 9911\ntime {entry.times.received_at}\n", note="…", no=9911, time=entry.times.received_at + 2, size=9911, root="ab" * 32, key_number=1, verified=True)
        return Shape(entry=name, leaf=entry.hash, log=Shape(origin=f"parley1/{'ab' * 16}/{'5f' * 16}/{'01' * 8}", channel="OPS", party=entry.party, inc="01" * 8, ordinal=1), index=entry.index, statement=statement, inclusion=["cd" * 32, "ef" * 32, "12" * 32], receipts=[Shape(by="ALFA" if not entry.own else "BRAVO", no=412, time=entry.times.received_at + 4, received_at=entry.times.received_at + 5, size=9911, note="…", verified=True)], words=list(WORDS_EN), cosignature=Shape(by="CHARLIE", name="CHARLIE/" + "ab" * 16, time=entry.times.received_at + 6, statement_no=9911, size=9911, note="…"))

    async def keep_file(self, actor, *, name, kind, content, sha256=None, key=None):
        self.kept.append((actor.officer, name, kind, content))
        digest = hashlib.sha256(b"salt" + content).hexdigest()
        return Shape(name=name, type=kind, bytes=len(content), digest=digest)

    def file(self, digest, *, entry):
        found = next((file for file in self.entry(entry).attachments if file.digest == digest), None)
        if found is None:
            raise NotFoundError(f"{entry} names no file {digest}")
        return Content(name=found.name, type=found.type, content=b"%PDF-1.7", is_of_type=True)

    def raw_entry(self, name):
        return self.entry(name).hash.encode()

    def export(self, *, channel=None, case=None, conflict=None, withhold=()):
        self.withheld = list(withhold)
        return b"PARLEY-BUNDLE " + (case or channel or "").encode()

    def fields_to_withhold(self, case):
        return ["subject", "text", "files"]

    def outbox(self, limit=50):
        return [entry for entry in reversed(self._entries.values()) if entry.own][:limit]

    def search(self, words, *, limit=50, before_sequence=None):
        found = [entry for entry in self._entries.values() if any(words.lower() in t.text.lower() for t in entry.texts)]
        return Shape(items=found[:limit], next_cursor=None)

    def _case_rows(self):
        t = self.now()
        opened = t - 41 * 86_400 - 14_400
        base = {"channel": "OPS", "procedure": "request", "precedence": "P", "mark": self._station.mark, "reason": None, "precondition": None, "values": {}, "answered_at": None, "acknowledged_at": None, "fate": ""}
        lapsed = Shape(number="REQ-ALFA-40", opener="ALFA", addressees=["BRAVO"], subject=both("Meeting of the working group on safety at sea", "海上安全工作组会晤"), state="pending", opened=Shape(entry="OPS/ALFA/40", at=opened), delivered_at=opened + 4, due_at=opened + 10_804, due_from=None, due_to=None, due_rule="owed", left_s=-(t - opened - 10_804), clock="lapsed-silent", owed_by="BRAVO", us_owe=False, proved=True, proof=Shape(text=both("BRAVO signed its log at size 9,911 after the due time; no answer is in it.", "BRAVO 在期限之后签署了长度为 9,911 的日志，其中没有答复。"), by="BRAVO", statement_no=9911, statement_time=opened + 150_000, entry="OPS/ALFA/40"), resource="", **base)
        if not self.lapsed:
            lapsed.clock, lapsed.proved, lapsed.proof, lapsed.due_at = "running", False, None, t + 60
        ours = Shape(number="REQ-BRAVO-32", opener="BRAVO", addressees=["ALFA"], subject=both("Call at theatre level", "战区级通话"), state="pending", opened=Shape(entry="OPS/BRAVO/32", at=t - 7900), delivered_at=t - 7898, due_at=t + 1100, due_from=None, due_to=None, due_rule="owed", left_s=1100, clock="near", owed_by="ALFA", us_owe=True, proved=False, proof=None, resource="", **base)
        dark = Shape(number="REQ-ALFA-12", opener="ALFA", addressees=["DELTA"], subject=both("Access for the repair ship", "维修船通行"), state="pending", opened=Shape(entry="HUM/ALFA/12", at=t - 300_000), delivered_at=t - 299_000, due_at=t - 2 * 86_400, due_from=None, due_to=None, due_rule="asked-for", left_s=-2 * 86_400, clock="lapsed-dark", owed_by="DELTA", us_owe=False, proved=False, proof=None, resource="", **{**base, "channel": "HUM"})
        declined = Shape(number="REQ-ALFA-38", opener="ALFA", addressees=["BRAVO"], subject=both("Visit to the rescue centre", "访问救援中心"), state="declined", opened=Shape(entry="OPS/ALFA/38", at=t - 60 * 86_400), delivered_at=t - 60 * 86_400 + 3, due_at=t - 50 * 86_400, due_from=None, due_to=None, due_rule="asked-for", left_s=None, clock="answered", owed_by=None, us_owe=False, proved=False, proof=None, resource="", **{**base, "answered_at": t - 55 * 86_400, "reason": "no-reason", "fate": "declined"})
        return [lapsed, ours, dark, declined]

    def register(self, query):
        rows = [] if self.empty or query.procedure != "request" else self._case_rows()
        if query.owed_by == "us":
            rows = [row for row in rows if row.us_owe]
        elif query.owed_by == "them":
            rows = [row for row in rows if row.owed_by and not row.us_owe]
        elif query.owed_by:
            rows = [row for row in rows if row.owed_by == query.owed_by]
        if query.is_open is False:
            rows = [row for row in rows if not row.owed_by]
        self.asked.append(query)
        more = "next-of-first" if rows and query.cursor is None and query.owed_by == "us" else None
        return Shape(items=rows, next_cursor=more)

    def asked_counts(self, procedure, *, as_of=None):
        if self.empty:
            return []
        return [Shape(asker="ALFA", asked="BRAVO", n=2, answered=1, lapsed=1, proved=1, open=0)]

    def case(self, number, *, as_of=None):
        row = next((row for row in self._case_rows() if row.number == number), None)
        if row is None:
            raise NotFoundError(f"there is no case {number}")
        entry = self._entries.get(row.opened.entry)
        history = [Shape(entry=row.opened.entry, at=row.opened.at, received_at=row.opened.at, party=row.opener, move="open", summary="", texts=entry.texts if entry else [], crossed=False)]
        moves = [move("request", "remind", "remind", "催询", "Send reminder", "发出催询", opens=False, fields=[field("note", "text", "Text", "正文")]), move("request", "withdraw", "withdraw", "撤回", "Withdraw", "撤回", opens=False)] if row.opener == self.code else [move("request", "accept", "accept", "接受", "Accept", "接受", opens=False, fields=[field("when", "instant", "Time", "时间")]), move("request", "decline", "decline", "谢绝", "Decline, with a reason", "谢绝并说明理由", opens=False, fields=[field("reason", "choice", "Reason", "理由", required=True, choices=REASONS)])]
        shows = Shape(proves=["BRAVO's station stored the request; its signed receipt says so.", "BRAVO signed its log after the due time, and no answer is in it."] if row.proved else [], not_proves=["That a person read it, nor why no answer came."])
        reckoning = [Shape(label="delivered", at=row.delivered_at, rule="BRAVO's first receipt that covers it"), Shape(label="due", at=row.due_at, rule="3 h after delivery (MOU 4.2)")]
        return Shape(**vars(row), may_move=[Shape(party=row.owed_by, moves=["accept", "decline"])] if row.owed_by else [], history=history, moves=moves, shows=shows, reckoning=reckoning, notes=[], facts=FACTS, parties=[Shape(party="BRAVO", facts=FACTS[:1])], comparison=COMPARED if row.procedure == "request" else [], passages=PASSAGES if row.procedure == "request" else [], accounts=dict(self.accounts))

    def balances(self, *, as_of=None):
        return self.overview().balances

    def procedures(self):
        return [Shape(name="message", code="P02", version=1, prefix="MSG", register="messages", states=[], label=both("Message", "电文"), moves=[move("message", "send", "message", "电文", "Send message", "发出电文", opens=True, fields=MESSAGE)]), Shape(name="request", code="P05", version=1, prefix="REQ", register="requests", states=[], label=both("Request for dialogue", "对话请求"), moves=[move("request", "open", "request", "请求", "Ask", "请求", opens=True, fields=REQUEST)])]

    def moves(self, *, channel, case=None):
        if case:
            return self.case(case).moves
        return [move("message", "send", "message", "电文", "Send message", "发出电文", opens=True, fields=MESSAGE), move("request", "open", "request for dialogue", "对话请求", "Ask for dialogue", "请求对话", opens=True, fields=REQUEST)]

    def channels(self):
        if self.empty:
            return []
        t = self.now()

        def one(code, peer, purpose, state, declared, theirs, observed, opened=True, by_us=True):
            logs = [Shape(name=f"{code}/{party}", channel=code, party=party, ordinal=1, inc="01" * 8, size=size, signed_size=size, missing=[], frozen=False, conflicts=[], receipts=[Shape(by=peer if party == self.code else self.code, size=size, missing=[], time=t - 3)], last_statement_at=t - 3) for party, size in ((self.code, 42), (peer, 33))] if opened else []
            return Shape(code=code, id="ab" * 16, parties=[self.code, peer], ours=self.code, purpose=purpose, basis="MOU 2014, article 4", proposed_at=t - 100 * 86_400, ends_at=t + 38 * 86_400, renew_from=t + 8 * 86_400, renew_until=t + 68 * 86_400, heartbeat_s=15, number=1, opened=opened, proposed_by_us=by_us, state=state, parties_state=[Shape(party=self.code, declared=declared, since=t - 80 * 86_400, entry=f"{code}/{self.code}/0", reason=None), Shape(party=peer, declared=theirs, since=t - 80 * 86_400, entry=f"{code}/{peer}/0", reason=None)], observed=observed, observed_since=t - 3600, logs=logs, may_move=[move("channel", "suspend", "suspend", "中止", "Suspend", "中止", opens=False)], mark=self._station.mark, stopped=dict(self.stopped).get(code), entries_per_day=2_000, bytes_per_day=None, flash_per_hour=20, witnesses=[Shape(code="CHARLIE", name="CHARLIE/" + "ab" * 16, key="", asked=opened)])

        return [one("OPS", "BRAVO", "Safety of air and sea encounters", "open", "open", "open", "in-use"), one("HUM", "DELTA", "Humanitarian sites", "open", "open", "open", "silent-though-open"), one("SAR", "ECHO", "Search and rescue", "suspended", "suspended", "suspended", "idle"), one("LAW", "BRAVO", "Legal advisers", "proposed", "", "proposed", "not-open", opened=False, by_us=False)]

    def channel(self, name):
        for channel in self.channels():
            if channel.code == name:
                return channel
        raise NotFoundError(f"there is no channel {name}")

    def log(self, channel, party):
        return next(log for log in self.channel(channel).logs if log.party == party)

    def log_entries(self, channel, party, *, from_index=0, limit=100):
        rows = [row for row in self.entries(channel=channel, party=party).items if row.index >= from_index]
        return Shape(items=sorted(rows, key=lambda row: row.index)[:limit], next_cursor=None)

    def check_log(self, channel, party):
        return Shape(log=f"{channel}/{party}", entries=33, size=33, ok=True, problems=[])

    def drafts(self, *, states=("open", "held", "releasing", "returned")):
        return [draft for draft in self._drafts.values() if draft.state in states]

    def draft(self, id):
        if id not in self._drafts:
            raise NotFoundError(f"there is no draft {id}")
        return self._drafts[id]

    def preview(self, id):
        draft = self.draft(id)
        checks = [Shape(level="ok", text=f"written by {draft.author}", words={}), Shape(level="ok", text="BRAVO's key was compared in person on 02 OCT 26 and has not changed", words={}), Shape(level="look", text="SHORT BY 2 d", words=both("SHORT BY 2 d", "提前不足，差 2天"))]
        if len(draft.texts) > 1:
            checks.append(Shape(level="look", text="numbers differ between en and zh: compare them", words={}))
        return Shape(draft=id, digest=draft.digest, digest_words=draft.digest_words, size=draft.size, hex="a5" * 96, texts=draft.texts, lines=[Shape(name="precedence", label=both("Precedence", "等级"), value=draft.precedence, sealed=False), Shape(name="action", label=both("Action", "主送"), value="BRAVO", sealed=False)], paths=[Shape(peer="BRAVO", address="127.0.0.1:7002", carrier="tls", seconds=None)], checks=checks, starts_clocks=[Shape(owed_by="BRAVO", due_after_s=10_800, rule="asked", due_at=None, owed=False, what=both("answer", "答复")), Shape(owed_by="ALFA", due_after_s=None, rule="entry", due_at=self.time + 86_400, owed=True, what=both("result", "结果"))] if draft.procedure == "request" else [], recipients=["BRAVO"], attributable=True)

    def officers(self):
        return [Shape(code=actor.officer, name="", roles=sorted(actor.roles), active=True, accounts=[], added_at=self.now() - 86_400, passkeys=1, last_sign_in=self.now() - 600) for actor in self._officers.values()]

    def audit(self, *, after=0, limit=200):
        return Shape(items=[Shape(number=1, at=self.now() - 600, officer="ALFA-W2", via="console", act="signed in", subject="", detail="", done=True, hash="ab" * 32)], next_cursor=None)

    async def restore_log(self, actor, channel, peers, *, timeout_s):
        actor.require("administer")
        self.stopped = []
        self.unread = 0
        return Shape(channel=channel, log=f"{channel}/{self.code}", stored=40, brought=2, size=42, later=0, off_record=0, missing=[[41, 43]], unreceipted=0, marked=0, gone=0, asked=[Shape(peer=peer, holds=42, differs=False) for peer in peers])

    def audit_back(self, *, before=None, limit=50, officer="", act="", refused=False):
        rows = [row for row in self.audit().items if officer in ("", row.officer) and act in row.act and not (refused and row.done)]
        return Shape(items=rows, next_cursor=None)

    def audit_lines(self):
        return [b'{"number":1}']

    def check_audit(self):
        return None

    def health(self):
        return [Shape(check="disk", level="ok", detail="412 GB free", remedy="")]

    def settings(self):
        flash = self.changed.get("aims.flash_s", 600)
        return [
            Shape(key="aims.flash_s", value=flash, default=600, source="default", unit="s", help="In what time what is FLASH should be handled.", effect="live"),
            Shape(key="station.mark", value=self._station.mark, default="LIVE", source="parley.toml", unit="", help="Marking of everything this station writes.", effect="file"),
        ]

    async def change_setting(self, actor, key, text):
        actor.require("administer")
        if key != "aims.flash_s":
            raise NotAllowedError(f"{key} cannot be changed while the station runs")
        self.changed[key] = int(text or 600)
        return self.settings()[0]

    def aims(self):
        return {"Z": self.changed.get("aims.flash_s", 600), "O": 1_800, "P": 10_800, "R": 21_600}

    # -- acts ----------------------------------------------------------------------------------
    def actor_for_officer(self, code, via="console"):
        return self._officers[code]

    async def claim(self, actor, id):
        alarm = self._alarms.get(id)
        if alarm is None:
            raise NotFoundError(f"there is no alarm {id}")
        if not alarm.claimed_by:
            alarm.claimed_by, alarm.claimed_at = actor.officer, self.now()
            alarm.sounds, alarm.again_at = False, self.now() + 300
            self._publish("alarm", what="claimed")
        return alarm

    async def handle(self, actor, id, *, reason):
        alarm = self._alarms[id]
        alarm.open, alarm.handled_by, alarm.reason = False, actor.officer, reason
        self._publish("alarm", what="handled")
        return alarm

    async def acknowledge(self, actor, entry, *, level, unit=None, values=None, note=None, points=(), idempotency_key=None):
        if idempotency_key not in {key for key, _ in self.acknowledged}:
            self.acknowledged.append((idempotency_key, level))
            self._entries[entry].acknowledgements.append(Shape(desk="ALFA/OPS", level=level, at=self.now(), entry="OPS/ALFA/42", by=self.code, unit=unit, note=note))
            for alarm in self._alarms.values():
                if alarm.entry == entry:
                    alarm.open = False
            self._publish("acknowledgement")
        return Shape(draft="D-1", state="released", needs=[], entry="OPS/ALFA/42", hash="ab", stored_at=self.now(), idempotency_key=idempotency_key, replayed=False)

    async def line_check(self, actor, peer, *, text=None, channel=None, answers=None, idempotency_key=None):
        self.line_checked = (peer, answers)
        return Shape(draft="D-1", state="released", needs=[], entry="OPS/ALFA/41", hash="ab", stored_at=self.now(), idempotency_key=idempotency_key, replayed=False)

    async def create_draft(self, actor, req, *, idempotency_key=None):
        for draft in self._drafts.values():
            if getattr(draft, "key", None) == idempotency_key and idempotency_key:
                return draft
        id = f"D-0{next(self._number)}"
        texts = [text(t.lang, t.text, t.status) for t in req.texts]
        subject = req.fields.get("subject", {})
        draft = self._draft(id, actor.officer, req.procedure, req.move, req.precedence, subject, texts, fields=req.fields, version=1)
        draft.key, draft.channel, draft.case, draft.action, draft.template = idempotency_key, req.channel, req.case, list(req.action), req.template or None
        self._drafts[id] = draft
        self._publish("draft")
        return draft

    async def change_draft(self, actor, id, req, *, version):
        old = self.draft(id)
        if actor.officer != old.writer:
            raise DraftOfAnotherError(f"{old.writer} writes draft {id}; nothing of it was changed", writer=old.writer)
        if old.version != version:
            raise StaleVersionError("the draft was changed by somebody else", version=old.version)
        texts = [text(t.lang, t.text, t.status) for t in req.texts]
        new = self._draft(id, old.author, req.procedure, req.move, req.precedence, req.fields.get("subject", {}), texts, fields=req.fields, version=version + 1)
        new.channel, new.case, new.action = req.channel, req.case, list(req.action)
        new.writer, new.taken_at, new.taken_from, new.taken_why = old.writer, old.taken_at, old.taken_from, old.taken_why
        new.edited_by = sorted({*old.edited_by, actor.officer})
        self._drafts[id] = new
        return new

    async def take_draft_over(self, actor, id, *, reason, seen):
        draft = self.draft(id)
        if not reason.strip():
            raise UsageError("taking a draft over needs a reason")
        if draft.writer != seen:
            raise ConflictError(f"{draft.writer} writes draft {id} by now, not {seen}")
        draft.writer, draft.taken_at, draft.taken_from, draft.taken_why = actor.officer, self.now(), seen, reason
        draft.version += 1
        self._publish("draft")
        return draft

    async def review_draft(self, actor, id, *, version):
        self.draft(id).state = "held"
        self._publish("draft")
        return self.draft(id)

    async def drop_draft(self, actor, id, *, version=None):
        self.draft(id).state = "dropped"
        return self.draft(id)

    async def refuse(self, actor, id, *, reason):
        draft = self.draft(id)
        draft.state, draft.reason = "returned", reason
        self._publish("draft")
        return draft

    async def release(self, actor, id, *, digest, idempotency_key=None):
        if idempotency_key in self.released_by_key:
            return self.released_by_key[idempotency_key]
        draft = self.draft(id)
        if actor.officer in (draft.author, *draft.edited_by):
            raise OwnDraftError(f"officer {actor.officer} wrote draft {id} and cannot release it", next_step="Ask another releaser.")
        if draft.state != "held":
            raise ConflictError(f"draft {id} is {draft.state}")
        if digest != draft.digest:
            raise DraftChangedError("the draft changed since it was shown", next_step="Read it again.")
        name = f"OPS/ALFA/{50 + len(self.released)}"
        self.add_entry(name, self.code, draft.procedure, draft.move, draft.precedence, draft.subject, [text(t.lang, t.text, t.status) for t in draft.texts], self.now(), own=True)
        draft.state, draft.entry = "released", name
        self.released[id] = name
        done = Shape(draft=id, entry=name, index=50, stored_at=self.now(), hash="ab", replayed=False)
        self.released_by_key[idempotency_key] = done
        self._publish("entry")
        return done

    def check(self, req):
        return Shape(problems=[], warnings=[], size=100, digest="", clocks=[])

    async def verify_peer(self, actor, code, *, words, method, second=None):
        match = tuple(words) in (WORDS_EN, WORDS_ZH)
        differs = None if match else next((place for place, word in enumerate(words) if word not in (WORDS_EN[place], WORDS_ZH[place])), 0)
        return Shape(match=match, differs_at=None if differs is None else differs + 1, needs=[], failures=0 if match else 1, locked_until=None, peer=self.peer(code))

    async def reject_peer(self, actor, code, *, reason):
        return self.peer(code)

    async def propose_channel(self, actor, req):
        self.proposed.append(req)
        return self.channel("OPS")

    def held_channel_acts(self):
        return [] if self.empty else [HeldChannelAct(code="SAFE", act="propose", peers=["BRAVO"], purpose="Safety at sea", basis="none", ends_at=None, heartbeat_s=None, witnesses=["CHARLIE"], by="ALFA-A1", at=self.now() - 600, needs=["second person"], digest="ab" * 32)]

    def held_channel_act(self, code):
        found = next((held for held in self.held_channel_acts() if held.code == code), None)
        if found is None:
            raise NotFoundError(f"nothing about a channel {code} waits for a second person")
        return found

    async def confirm_channel(self, actor, code, *, digest):
        held = self.held_channel_act(code)
        self.confirmed.append((actor.officer, held.code, digest))
        return self.channel("OPS")

    async def drop_channel_act(self, actor, code, *, reason):
        return self.held_channel_act(code)

    async def accept_channel(self, actor, channel):
        self._publish("channel")
        return self.channel(channel)

    # -- timeline ------------------------------------------------------------------------------
    def timeline(self, channel, *, start, end):
        if self.channel(channel) and not end - start > 0:
            raise UsageError("a timeline has an end after its start, at most 20 years later")
        rows = [entry for entry in self._entries.values() if entry.channel == channel and start <= entry.times.received_at < end]
        t = self.now()
        blanks = [SilenceView(from_at=t - 30_000, to_at=t - 18_480, is_open=False)] if end - start >= 86_400 else []
        if self.silent and end >= t:
            blanks = [*blanks, SilenceView(from_at=t - 1300, to_at=t, is_open=True)]
        lanes = [LaneView(party=self.code, own=True, has_log=True, silences=[]), LaneView(party="BRAVO", own=False, has_log=True, silences=blanks)]
        return TimelineView(channel=channel, from_at=start, to_at=end, known_to=min(end, t), shortest_s=max(45, (end - start) // 400), lanes=lanes, entries=sorted(rows, key=lambda row: row.times.received_at), is_cut=False)

    def digests(self, text):
        digits = digest_of(text)
        hits = [DigestHit(kind="entry", digest=entry.hash, name=entry.name, channel=entry.channel) for entry in self._entries.values()]
        hits += [DigestHit(kind="channel", digest=channel.id, name=channel.code, channel=channel.code) for channel in self.channels()]
        return [hit for hit in hits if hit.digest.startswith(digits)]

    def channel_days(self, channel):
        shown, today = self.channel(channel), self.now() - self.now() % 86_400

        def party(state):
            days = [PartyDay(declared="suspended" if 8 <= place < 11 else state.declared or "proposed", heard=state.party == self.code or not 20 <= place < 23) for place in range(30)]
            return PartyDays(party=state.party, own=state.party == self.code, days=days)

        return ChannelDays(channel=channel, days=[today - 86_400 * back for back in range(29, -1, -1)], parties=[party(state) for state in shown.parties_state])

    # -- places --------------------------------------------------------------------------------
    def map(self, *, procedure=None, channel=None, is_open=None, as_of=None, sees=None):
        shown = [] if self.empty else fake_places.SHAPES
        return MapView(shapes=[one for one in shown if procedure in (None, one.procedure)], aparts=[] if procedure or self.empty else fake_places.APARTS, cases=len(shown))

    def map_of_case(self, number, *, as_of=None):
        shown = fake_places.SHAPES if number == "REQ-ALFA-40" else []
        return MapView(shapes=shown, aparts=fake_places.APARTS if shown else [])

    def map_of_draft(self, id):
        return MapView(shapes=[one for one in fake_places.SHAPES if one.party == self.code])

    def preconditions(self, *, as_of=None, sees=None):
        return GraphView(edges=[], cycles=[], is_cut=False) if self.empty else fake_places.GRAPH

    # -- courier -------------------------------------------------------------------------------
    def courier_rows(self):
        carried = [CourierEntries(channel="OPS", party=self.code, first=38, end=42)]
        rows = [("out", 4, 1), ("in", 2, None), ("out", 0, 0)]
        return [] if self.empty else [CourierRow(number=3 - place, way=way, peer="BRAVO", by="ALFA-W2", at=self.now() - 3600 * place, size=4_212, digest="ab" * 32, entries=carried if count else [], count=count, receipted=receipted, left=place, kept=place == 0) for place, (way, count, receipted) in enumerate(rows)]

    def _courier_look(self, standing, *, taken=False):
        return CourierLook(standing=standing, why="", peer="BRAVO", size=4_212, digest="ab" * 32, entries=[CourierEntries(channel="OPS", party="BRAVO", first=33, end=36)], count=3, new=2, damaged=0 if standing == "whole" else 1, charters=0, taken=taken, missing=1 if taken else 0)

    async def carry_out(self, actor, peer, *, size_max=700_000):
        actor.require("courier")
        return CourierMade(row=self.courier_rows()[0], content="", stopped=[])

    def courier_file(self, number, form):
        if form not in ("file", "lines", "codes"):
            raise NotFoundError(f"there is no form {form!r} of a courier file")
        return b"PARLEY1\n", "application/vnd.parley.courier"

    async def carry_look(self, raw):
        if b"PARLEY" not in raw:
            raise UsageError("this is no courier file, and no lines of one; nothing was taken in")
        return self._courier_look("whole" if len(raw) < 100 else "too-old")

    async def carry_in_looked(self, actor, digest):
        actor.require("courier")
        return self._courier_look("whole", taken=True)

    # -- watch ---------------------------------------------------------------------------------
    def tour(self, actor):
        return self.tours.get(actor.officer)

    async def set_tour(self, actor, step):
        self.tours[actor.officer] = step

    def watch(self):
        return self.watch_state

    def watch_rows(self, *, before=None, limit=100):
        return Page(items=[row for row in reversed(self.watch_book) if before is None or row.number < before][:limit])

    def _watch(self, kind, actor, after, *, to="", text="", items=()):
        actor.require("claim")
        row = WatchRow(number=len(self.watch_book) + 1, kind=kind, at=self.now(), officer=actor.officer, to=to, text=text, items=len(items), digest="ab" * 32)
        self.watch_book.append(row)
        self.watch_state = after
        return row

    async def watch_note(self, actor, text):
        if not text.strip():
            raise UsageError("there is no text", next_step="Write what is to stand in the watch log.")
        return self._watch("note", actor, self.watch_state, text=text)

    def _seen(self, items):
        new = [need.id for need in self.overview().needs if need.id not in items]
        if new:
            raise ConflictError(f"{len(new)} open items were not gone through, or came meanwhile", next_step="Go through them and confirm each.")

    async def offer_watch(self, actor, to, *, items, text=""):
        self._seen(items)
        after = WatchState(officer=actor.officer, since=self.watch_state.since, offered_to=to, offered_at=self.now())
        return self._watch("offer", actor, after, to=to, text=text, items=items)

    async def take_watch(self, actor, *, items, text=""):
        self._seen(items)
        after = WatchState(officer=actor.officer, since=self.now(), offered_to=None, offered_at=None)
        return self._watch("take", actor, after, to=self.watch_state.officer or "", text=text, items=items)

    async def leave_watch(self, actor, *, text):
        return self._watch("leave", actor, WatchState(officer=None, since=self.now(), offered_to=None, offered_at=None), text=text)

    # -- glossary ------------------------------------------------------------------------------
    def glossary(self, *, words="", standing=None, sees=None):
        agreed = TermView(code="cable", standing="initialled", words={"en": "submarine cable", "zh": "海缆"}, parties=["ALFA", "BRAVO"], channel="OPS", case="TXT-BRAVO-51")
        held = [*([] if self.empty else [agreed]), *self.own_terms.values()]
        return [term for term in held if standing in (None, term.standing) and any(words.lower() in text.lower() for text in term.words.values())]

    async def put_term(self, actor, code, term, *, version=None):
        actor.require("glossary")
        if len(term.words) < 2:
            raise UsageError(f"term {code!r}: it has words in 2 to 8 languages")
        self.own_terms[code] = TermView(code=code, standing="ours", words=term.words, definition=term.definition, source=term.source, avoid=term.avoid, version=(version or 0) + 1)
        return self.own_terms[code]

    async def drop_term(self, actor, code):
        actor.require("glossary")
        return self.own_terms.pop(code)

    # -- released alone ------------------------------------------------------------------------
    def countersigns(self):
        return self.alone

    async def countersign(self, actor, draft):
        self.alone = [replace(each, by=actor.officer, at=self.now()) for each in self.alone]
        return self.alone[0]

    # -- exercises -----------------------------------------------------------------------------
    def exercises(self):
        return list(self._exercises)

    def exercise(self, number):
        return next(each for each in self._exercises if each.number == number)

    def exercise_running(self):
        return next((each for each in self._exercises if each.ended_at is None), None)

    async def start_exercise(self, actor, wanted):
        actor.require("exercise")
        if not wanted.channels:
            raise UsageError("exercise: name the channels that it is held on")
        rows = [ReactionView(what="inject", number=n, text=each.text, at=self.now() + each.after_s, state="ahead") for n, each in enumerate(wanted.injects, 1)]
        made = ExerciseView(number="EX-0002", name=wanted.name, channels=wanted.channels, speed=wanted.speed, started_at=self.now(), started_by=actor.officer, ended_at=None, ended_by=None, reactions=rows)
        self._exercises.insert(0, made)
        return made

    async def inject(self, actor, number, wanted):
        actor.require("exercise")
        old = self.exercise(number)
        rows = [*old.reactions, ReactionView(what="inject", number=len(old.reactions) + 1, text=wanted.text, at=self.now() + wanted.after_s, state="ahead")]
        self._exercises[0] = replace(old, reactions=rows)
        return self._exercises[0]

    async def stop_exercise(self, actor, number):
        actor.require("exercise")
        self._exercises[0] = replace(self.exercise(number), ended_at=self.now(), ended_by=actor.officer)
        return self._exercises[0]

    # -- templates -----------------------------------------------------------------------------
    def templates(self):
        return [] if self.empty else list(self._templates.values())

    def template(self, code):
        if code not in self._templates:
            raise NotFoundError(f"there is no template {code}")
        return self._templates[code]

    async def put_template(self, actor, code, wanted, *, version=None):
        actor.require("draft-freely")
        texts = [text(t.lang, t.text, t.status) for t in wanted.texts]
        self._templates[code] = TemplateView(code=code, names=wanted.names, procedure=wanted.procedure, move=wanted.move, channel=wanted.channel or None, precedence=wanted.precedence, action=wanted.action, info=wanted.info, fields=wanted.fields, texts=texts, version=(version or 0) + 1, written_by=actor.officer, changed_at=self.now(), reviewed_by=None, reviewed_at=None)
        return self._templates[code]

    async def review_template(self, actor, code, *, version):
        actor.require("release")
        assert version == self.template(code).version
        self._templates[code] = replace(self.template(code), reviewed_by=actor.officer, reviewed_at=self.now())
        return self._templates[code]

    async def drop_template(self, actor, code):
        actor.require("draft-freely")
        return self._templates.pop(code)

    async def use_template(self, actor, code, *, channel, case=None, idempotency_key=None):
        view = self.template(code)
        asked = DraftRequest(channel=channel, procedure=view.procedure, move=view.move, case=case, precedence=view.precedence, action=view.action, fields=view.fields, texts=[DraftText(lang=t.lang, text=t.text, status=t.status) for t in view.texts], template=code)
        return await self.create_draft(actor, asked, idempotency_key=idempotency_key)

    # -- translation by machine ----------------------------------------------------------------
    translation_engine = ""

    async def draft_translation(self, actor, entry, *, lang):
        self.translated.append((actor.officer, entry, lang))
        return self._drafts["D-0412"]

    # -- joint texts ---------------------------------------------------------------------------
    def text_copy(self, number, *, form, languages=()):
        self.case(number.rpartition("/")[2])
        return f"{form} of {number}".encode()

    # -- a register kept before ---
    def look_at_history(self, content):
        return look_at_history(content)

    async def import_history(self, actor, channel, content, *, name, dry_run=False, good_rows=False):
        self.claimed.append((actor.officer, channel, name, dry_run))
        held = [] if dry_run else [Shape(entry=None, draft="D-0412", state="held", needs=["releaser"])]
        return Shape(channel=channel, dry_run=dry_run, digest="00", rows=1, entries=1, size=200, submitted=held, left=int(good_rows), problems=[])

    # -- notices -------------------------------------------------------------------------------
    async def draft_notices(self, actor, request, content, *, only=(), issued="", zone="", procedure="", dry_run=False):
        self.noticed.append((actor.officer, request.channel, content.decode(), zone))
        return [Shape(number="HYDROARC 12/26", share="part", draft="D-0412", procedure="warning", move="issue", case=None, why=both("no words for an exercise", "原文无演习字样"), fields={}, left=[both("choose the hazard", "请选择危险类别")])]

    # -- calendar ------------------------------------------------------------------------------
    def calendar(self, *, days=366, channel=None, kind=None, limit=100, cursor=None, sees=None):
        t = self.time
        rows = [] if self.empty else [
            self._due("clock", both("answer", "答复"), t - 3600, state="overdue", case="REQ-BRAVO-32", procedure="request", owed_by="BRAVO", owed=True, source="profile incsea1972"),
            self._due("clock", both("answer", "答复"), t + 1100, state="near", case="REQ-BRAVO-32", procedure="request", owed_by="ALFA", us_owe=True, source="asked"),
            self._due("yearly", both("list of nuclear installations", "核设施清单"), t + 40 * 86_400, until=t + 41 * 86_400, is_day=True, owed=True, source="profile inpk1988", sure="A"),
            self._due("ending", both("the channel ends", "渠道期满"), t + 90 * 86_400, source="charter"),
        ]
        return Page(items=rows[:limit])

    def _due(self, kind, what, at, **facts):
        case = facts.get("case")
        return Shape(**({"uid": f"{kind}{at}", "kind": kind, "what": what, "subject": both("Call", "通话"), "at": at, "until": None, "is_day": False, "state": "ahead", "warned_from": None, "left_s": at - self.time, "channel": "OPS", "mark": "LIVE", "case": None, "procedure": None, "owed_by": None, "us_owe": False, "owed": False, "source": "entry", "sure": None, "standing": [], "rule": None, "resource": f"/api/v1/cases/OPS~{case}" if case else None} | facts))

    def calendar_feeds(self, actor):
        return list(self.feeds.values())

    async def add_calendar_feed(self, actor, *, label, language):
        secret = f"{len(self.feeds):064x}"
        self.feeds[secret] = FeedView(id=secret[-12:], officer=actor.officer, label=label, language=language, made_at=self.time)
        return FeedMade(feed=self.feeds[secret], secret=secret, path=f"/api/v1/calendar/feed/{secret}", console_path=f"/calendar/feed/{secret}")

    async def revoke_calendar_feed(self, actor, feed):
        return self.feeds.pop(next(secret for secret, view in self.feeds.items() if view.id == feed))

    def calendar_feed(self, secret):
        if secret not in self.feeds:
            raise NotFoundError("there is no such calendar")
        return "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    # -- following -----------------------------------------------------------------------------
    async def events(self, *, after=None, topics=(), console=None):
        self.readers += 1
        try:
            async for event in self._events(after):
                yield event
        finally:
            self.readers -= 1

    def can_sound(self, console, *, can):
        self.sounds[console] = can

    async def _events(self, after):
        place = len(self._log)
        if after:
            place = next((i for i, event in enumerate(self._log) if event.seq > int(after.rpartition(".")[2])), len(self._log))
        while True:
            while place < len(self._log):
                yield self._log[place]
                place += 1
            yield Shape(id=f"e1.{self._sequence}", type="beat", resource="", seq=self._sequence, data={"time": self.now(), "open_alarms": len(self.alarms()), "build": "x", "seq": self._sequence})
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 2)
            except TimeoutError:
                continue
