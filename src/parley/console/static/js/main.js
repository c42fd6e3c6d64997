// Entry of every page: starts what the page needs. Reading and drafting work without any of it.
import { startClocks } from "./clocks.js";
import { startDraft } from "./draft.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startMap } from "./map.js";
import { startParagraphs } from "./paragraphs.js";
import { startPasskeys } from "./passkey.js";
import { startPick } from "./pick.js";
import { startPress } from "./press.js";
import { startSound } from "./sound.js";
import { startTimeline } from "./timeline.js";

startClocks();
startPick();
startPress();
startKeys();
startPasskeys();
startDraft();
startParagraphs();
startMap();
startTimeline();
if (document.body.dataset.stream) {
  startSound();
  startLive();
}
