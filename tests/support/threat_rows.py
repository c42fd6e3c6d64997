"""Every row of the list of threats, with the tests that hold it.

The list is `threats.md` of the design; the numbers and the words are its. A test is named by its
file under `tests/` and its name without `test_`. What is not held yet is said, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One threat: what it is, which tests hold it, and what of it nothing holds yet."""

    threat: str
    tests: tuple[str, ...] = ()
    missing: str = ""


def _row(threat: str, *tests: str, missing: str = "") -> Row:
    return Row(threat, tests, missing)


ROWS: dict[int, Row] = {
    1: _row(
        "equivocation: another entry at one index to two members",
        "sim/test_equivocation.py::two_members_who_were_shown_two_histories_both_prove_it",
        "sim/test_equivocation.py::what_was_received_before_the_fork_stays_and_the_honest_go_on",
    ),
    2: _row(
        "equivocation towards one peer",
        "unit/station/test_conflicts.py::a_fork_is_kept_with_both_notes_over_a_restart",
        "unit/station/test_conflicts.py::a_kept_fork_is_proved_to_a_stranger_after_a_restart",
        "unit/station/test_conflicts.py::two_notes_that_go_together_are_no_fork",
    ),
    3: _row(
        "rollback: a later statement with a smaller own size",
        "unit/station/test_conflicts.py::a_rollback_freezes_the_log_and_keeps_both_notes",
        "unit/station/test_conflicts.py::a_kept_rollback_is_proved_to_a_stranger",
        "unit/verify/test_histories.py::a_shorter_log_with_a_later_time_or_a_higher_number_is_a_rollback",
    ),
    4: _row(
        "an honest station restored from an old backup",
        "sim/test_restores.py::an_old_copy_of_every_moment_is_noticed_before_anything_is_signed_and_mended",
        "e2e/test_cli_restore.py::an_old_copy_is_noticed_refuses_to_write_and_is_rebuilt_from_the_peer",
    ),
    5: _row(
        "a restore unnoticed, with the peers out of reach",
        "e2e/test_cli_restore.py::two_machines_with_one_key_are_found_out_and_the_way_back_is_open",
        "sim/test_restores.py::two_clones_are_found_out_and_neither_goes_on_in_that_log",
    ),
    6: _row(
        "restored twice from the same backup",
        "models/test_models.py::nothing_is_found_where_the_rules_hold",
        "sim/test_restores.py::a_copy_from_before_the_last_mend_brings_back_both_logs",
    ),
    7: _row(
        "replay of old frames", "threats/test_wire.py::row_07_every_frame_twice_changes_nothing"
    ),
    8: _row(
        "replay after the receiver restarted",
        "threats/test_wire.py::row_08_the_whole_history_replayed_after_a_restart_changes_nothing",
    ),
    9: _row(
        "reflection of frames", "threats/test_wire.py::row_09_our_own_frames_come_back_to_nothing"
    ),
    10: _row(
        "unknown key share",
        "threats/test_wire.py::row_10_a_key_sealed_to_one_station_opens_at_no_other",
        "vectors/test_published_rules.py::a_faulty_keying_frame_opens_for_nobody",
    ),
    11: _row(
        "a signature that does not bind",
        "unit/verify/test_ed25519.py::none_of_the_fourteen_is_a_key_or_begins_a_signature",
        "vectors/test_vectors_of_others.py::ed25519_signatures_count_as_wycheproof_says",
        "vectors/test_published_vectors.py::all_three_agree_on_ed25519",
    ),
    12: _row(
        "downgrade of version or features",
        "threats/test_wire.py::row_12_another_version_is_refused_inside_the_seal",
    ),
    13: _row(
        "first contact with a false card",
        "e2e/test_two_services.py::nothing_passes_before_the_key_is_trusted",
        "faults/test_wrong_key.py::an_impostor_at_the_peers_address_gets_nothing",
    ),
    14: _row(
        "malformed CBOR",
        "vectors/test_published_vectors.py::both_refuse_every_other_encoding",
        "faults/test_hostile_peer.py::every_malformed_frame_closes_the_link_and_another_peer_goes_on",
        "fuzz/test_corpus.py::the_corpus_holds",
    ),
    15: _row(
        "decompression bomb in a text",
        "vectors/test_published_rules.py::a_faulty_packed_text_is_refused",
    ),
    16: _row(
        "abuse of RaptorQ",
        "unit/core/test_symbols.py::sizes_out_of_bounds_are_refused_on_both_ends",
        "unit/core/test_symbols.py::a_panic_of_the_package_is_a_refusal_by_name",
        "unit/station/test_gathering.py::the_object_left_longest_makes_room_for_a_ninth",
    ),
    17: _row(
        "bidi, control and zero-width text",
        "unit/console/test_said.py::a_bidi_override_becomes_a_chip",
        "unit/console/test_said.py::visible_letters_keep_their_order_and_none_is_lost",
    ),
    18: _row(
        "exhaustion by a valid peer",
        "faults/test_wire.py::a_peer_that_does_not_read_holds_up_its_own_entries_alone",
        "unit/station/test_conflicts.py::a_word_that_there_is_more_of_our_log_holds_us_up_once_and_not_for_long",
        "unit/sim/test_quota_flood.py::a_flood_at_a_hundred_times_the_quota_is_on_record_and_others_do_not_wait",
        "unit/station/test_bounds.py::entries_over_the_quota_are_refused_and_listed_as_missing",
        "unit/station/test_bounds.py::flash_has_a_quota_of_its_own_and_is_not_shut_out_by_the_others",
        "unit/station/test_bounds.py::channels_of_a_link_have_a_bound_on_both_sides",
        "faults/test_hostile_peer.py::a_greedy_peer_takes_bounded_memory_and_no_time_of_others",
        "unit/station/test_keying_frames.py::keys_lost_both_ways_go_out_again_soon_and_ever_more_seldom",
    ),
    19: _row(
        "flood of keying frames",
        "unit/station/test_keying_frames.py::forged_keying_frames_cause_twenty_checks_a_second_and_no_more",
    ),
    20: _row("a relay that reorders, drops and delays", "sim/test_seeds.py::ten_worlds_hold"),
    21: _row(
        "selective drop",
        "e2e/test_cli_station_commands.py::waiting_in_vain_ends_with_3_and_says_how_to_go_on",
        "unit/core/test_outbox.py::the_rest_of_a_run_stays_due_when_some_of_it_is_receipted",
    ),
    22: _row(
        "a stale statement passed off as current",
        "unit/station/test_desk_book.py::a_statement_that_comes_after_a_newer_one_is_not_passed_over",
        "properties/test_registers.py::any_order_of_arrival_gives_the_same_bytes",
    ),
    23: _row(
        "claims to hold what it never got",
        "unit/verify/test_false_proofs.py::a_contradiction_delivers_nothing",
        "sim/test_seeds.py::receipt_rule_a_receipt_for_what_is_not_held_is_found",
    ),
    24: _row(
        "receipts a prefix only",
        "unit/verify/test_lesser_paths.py::dark_needs_delivery_a_clock_a_witness_and_no_answer",
        "unit/station/test_export.py::what_nobody_receipted_has_no_receipt",
    ),
    25: _row(
        "a clock that stands still before every deadline",
        "unit/station/test_export.py::a_lapse_by_a_witness_is_proved_against_a_clock_that_stands_still",
    ),
    26: _row(
        "a backdated request",
        "unit/desk/test_deadlines.py::a_clock_starts_at_delivery_and_not_at_sending",
    ),
    27: _row(
        "the own clock jumps",
        "sim/test_seeds.py::every_fault_strikes",
        "unit/station/test_conflicts.py::a_new_log_of_ours_is_not_dated_before_the_last_word_of_the_old_one",
    ),
    28: _row(
        "stolen station key",
        "e2e/test_cli_keys.py::after_a_revocation_the_stolen_key_opens_no_line_and_the_owner_goes_on",
        "unit/verify/test_false_proofs.py::what_a_revoked_key_signs_beyond_the_place_is_worthless",
    ),
    29: _row(
        "stolen root key",
        "e2e/test_cli_station_commands.py::a_mismatch_of_words_says_what_it_means_for_a_trusted_peer",
    ),
    30: _row(
        "recorded traffic and a later theft",
        "unit/station/test_prekeys.py::a_thief_with_todays_disk_and_passphrase_cannot_open_what_was_sealed_last_month",
    ),
    31: _row(
        "a quantum forger",
        "vectors/test_published_vectors.py::both_accept_the_seal",
        "sim/test_seals.py::what_grew_is_sealed_once_a_day_and_reaches_the_others",
        "sim/test_seals.py::a_close_is_sealed_at_once_and_no_seal_is_made_twice_over_a_restart",
        "sim/test_seals.py::a_bundle_whose_ed25519_part_was_made_anew_after_the_seal_is_refused",
    ),
    32: _row(
        "release without a second person",
        "e2e/test_cli_two_persons.py::the_writer_cannot_release_and_the_second_person_can",
        "e2e/test_cli_two_persons.py::a_release_of_another_text_than_the_one_read_sends_nothing",
    ),
    33: _row(
        "an administrator edits the database",
        "unit/store/test_verify.py::the_first_wrong_row_is_named",
        "unit/store/test_verify.py::an_entry_that_nobody_signed_is_found",
    ),
    34: _row(
        "deletes an own entry and restores",
        "sim/test_restores.py::an_old_copy_of_every_moment_is_noticed_before_anything_is_signed_and_mended",
    ),
    35: _row(
        "disk full",
        "faults/test_full_disk.py::a_receiver_on_a_full_disk_confirms_nothing_and_goes_on_when_there_is_room",
        "unit/store/test_sqlite.py::a_full_volume_refuses_a_batch_whole_and_goes_on_when_there_is_room",
    ),
    36: _row(
        "fsync fails",
        "unit/store/test_sqlite.py::a_write_that_fails_stops_the_store_until_it_is_reopened",
        "sim/test_seeds.py::fsync_order_a_disk_that_confirms_before_it_has_written_is_found",
    ),
    37: _row(
        "torn write, bit rot",
        "unit/store/test_sqlite.py::a_damaged_page_is_found_by_the_check_of_the_file",
        "unit/store/test_sqlite.py::a_torn_tail_of_the_write_ahead_log_loses_nothing_committed",
        "unit/store/test_flips.py::a_flipped_byte_of_any_page_is_found_or_harmless",
        "sim/test_damage.py::any_flipped_bit_of_any_entry_is_found_and_put_back_byte_for_byte",
        "sim/test_damage.py::bytes_and_leaf_of_one_row_together_are_judged_by_the_signed_root",
        "sim/test_damage.py::what_nobody_else_has_is_told_and_does_not_leave",
        "faults/test_bit_rot.py::a_changed_bit_is_told_and_comes_back_from_its_author",
    ),
    38: _row(
        "partial batch",
        "faults/test_store_kill.py::a_writer_killed_a_hundred_times_loses_nothing_it_confirmed",
        "sim/test_seeds.py::fsync_order_what_leaves_before_its_commit_is_found",
    ),
    39: _row(
        "two nodes, split brain",
        "sim/test_restores.py::two_clones_are_found_out_and_neither_goes_on_in_that_log",
        "faults/test_shutdown.py::a_second_station_in_the_same_directory_is_refused",
        "threats/test_two_nodes.py::row_39_one_node_writes_at_a_time_and_a_standby_without_the_newest_writes_nothing",
        "unit/store/test_postgres.py::a_node_that_was_cut_off_writes_nothing_beside_the_one_that_followed",
    ),
    40: _row(
        "traffic analysis",
        "sim/test_padded_paths.py::row_40_the_trace_of_a_padded_path_does_not_depend_on_what_is_said",
        "sim/test_padded_paths.py::row_40_without_padding_the_trace_shows_that_something_was_said",
        "sim/test_padded_paths.py::row_40_the_hint_changes_with_each_epoch_and_names_nobody",
        "unit/station/test_padding.py::a_padded_path_sends_at_its_turns_and_at_no_other_time",
    ),
    41: _row(
        "an entry replayed into another channel, or as own",
        "threats/test_record.py::row_41_a_leaf_belongs_to_one_log_and_one_place",
    ),
    42: _row(
        "a third party's log relayed with an entry changed",
        "unit/station/test_conflicts.py::entries_in_our_name_that_nobody_asked_for_are_passed_over",
        "threats/test_record.py::row_42_entries_given_back_that_are_not_ours_are_not_taken",
        "sim/test_through_others.py::a_forwarder_that_changes_entries_is_told_of_and_its_author_is_not_blamed",
        "sim/test_through_others.py::of_two_forwarders_the_honest_one_is_enough",
    ),
    43: _row(
        "a doctored bundle",
        "unit/verify/test_changed_bytes.py::a_changed_commitment_names_entry_and_field",
        "independent/test_against_verifier.py::a_member_changed_anywhere_is_judged_alike",
        "vectors/test_published_vectors.py::the_verifier_says_of_a_bundle_what_is_published",
    ),
    44: _row(
        "the answer was in the part that was withheld",
        "unit/verify/test_false_proofs.py::a_reference_that_is_withheld_spoils_the_proof",
        "unit/verify/test_false_proofs.py::a_rung_that_is_withheld_spoils_the_proof",
    ),
    45: _row(
        "matter off the record leaked as proof",
        "threats/test_record.py::row_45_whoever_received_it_could_have_made_the_very_same_record",
        "threats/test_record.py::row_45_nothing_that_is_exported_holds_it",
    ),
    46: _row(
        "short entries guessed from hashes",
        "threats/test_record.py::row_46_what_is_withheld_cannot_be_tried_out",
    ),
    47: _row(
        "a commitment copied",
        "vectors/test_published_rules.py::another_commitment_does_not_open",
        "unit/desk/test_sealed.py::another_cannot_give_the_same_commitment_as_its_own",
        "e2e/test_desk_tools.py::what_is_sealed_leaves_as_a_commitment_and_is_opened_once_both_hold_both",
    ),
    48: _row(
        "reveals first, or aborts after the other's reveal",
        "unit/desk/test_sealed.py::nothing_is_opened_before_the_other_has_signed_that_it_holds_the_seal",
        "unit/desk/test_sealed_readout.py::nothing_is_opened_while_two_others_have_not_each_others_seals",
        "unit/desk/test_sealed_readout.py::who_does_not_open_is_named_and_so_are_all_who_do_not",
        "unit/verify/test_sealed.py::what_fits_is_passed_over_and_what_does_not_is_told",
    ),
    49: _row("a marking added or stripped", "unit/desk/test_linkage.py::markings_do_not_mix"),
    50: _row(
        "a crooked charter",
        "vectors/test_published_vectors.py::both_refuse_a_faulty_charter",
        "unit/verify/test_refused_members.py::two_equal_parties_are_refused",
    ),
    51: _row(
        "tricks with card numbers",
        "unit/station/test_card_news.py::a_card_that_cannot_follow_the_one_held_is_an_alarm_and_is_not_taken",
        "unit/verify/test_refused_members.py::a_key_number_is_never_used_again",
    ),
    52: _row(
        "abuse of pre-emption",
        "unit/station/test_short_frames.py::what_is_urgent_does_not_wait_for_the_end_of_a_long_object",
        # No carrier ends a frame early (decision 0106); noise can make it look so.
        "threats/test_cut_frames.py::row_52_in_a_storm_that_cuts_half_of_all_frames_routine_still_advances",
        "threats/test_cut_frames.py::row_52_after_an_hour_in_which_every_frame_was_cut_all_arrives_once",
        "threats/test_cut_frames.py::row_52_the_rest_of_a_cut_frame_asks_for_no_key_exchange",
        "threats/test_cut_frames.py::row_52_what_overtakes_a_turn_that_was_cut_off_is_not_malformed",
        "threats/test_cut_frames.py::row_52_a_flash_waits_for_frames_of_256_bytes_and_not_for_what_stood_before_it",
    ),
    53: _row(
        "starvation by endless FLASH",
        "unit/station/test_short_frames.py::statements_owed_are_not_starved_by_entries_that_want_receipts",
    ),
    54: _row(
        "a path shrinks in the middle of an object",
        "unit/station/test_short_frames.py::a_restart_in_the_middle_of_an_object_begins_it_anew",
        "unit/station/test_gathering.py::symbols_of_another_length_are_of_another_object",
    ),
    55: _row(
        "a poisoned courier file or code",
        "vectors/test_published_rules.py::a_stream_that_cannot_be_followed_is_refused_after_its_good_frames",
        "sim/test_courier.py::of_a_torn_or_spoilt_file_the_whole_frames_are_taken_and_the_rest_is_counted",
        "sim/test_courier.py::a_file_for_another_station_or_of_a_stranger_is_named_as_such",
        "unit/core/test_card_codes.py::what_is_not_a_whole_card_is_refused_with_the_reason",
    ),
    56: _row(
        "a witness that lies or dies",
        "e2e/test_witness.py::a_witness_that_is_away_delays_nothing_and_catches_up",
        "unit/core/test_witness.py::one_size_with_two_roots_is_kept_as_evidence_and_not_cosigned",
        "unit/verify/test_histories.py::a_witness_that_cosigned_two_roots_is_named_beside_the_author",
        "browser/test_verifier_page.py::it_names_a_witness_of_two_roots_as_the_verifier_does",
    ),
    57: _row(
        "churn of incarnations",
        "sim/test_restores.py::a_copy_from_before_the_last_mend_brings_back_both_logs",
        "unit/station/test_conflicts.py::a_forked_log_goes_on_in_a_new_one_that_names_both_notes_and_in_no_other",
        # The design lets a charter limit it; what limits it is a bound that is the same for all.
        "unit/station/test_bounds.py::signed_logs_of_a_party_have_a_bound",
        "unit/station/test_bounds.py::logs_begun_and_never_signed_are_forgotten_for_the_next_one",
        "unit/verify/test_false_proofs.py::a_restart_of_the_other_log_is_never_better_than_across_a_restart",
    ),
    58: _row(
        "lies in `seen`",
        "unit/station/test_conflicts.py::what_we_have_seen_does_not_go_down_for_a_log_that_is_only_spoken_of",
        "unit/verify/test_lesser_paths.py::a_signed_entry_that_breaks_a_rule_is_evidence_all_the_same",
        "unit/desk/test_seen_claims.py::what_was_seen_and_is_taken_back_is_told",
        "unit/desk/test_seen_claims.py::more_than_the_authors_own_signature_holds_is_told_once_it_is_signed",
    ),
    59: _row(
        "the answer rode with the receipt",
        "unit/verify/test_false_proofs.py::an_answer_that_rides_with_the_receipt_is_in_the_range",
        "unit/verify/test_false_proofs.py::a_later_receipt_is_no_start_of_the_range",
    ),
    60: _row(
        "an author made up by the addressee",
        "unit/verify/test_false_proofs.py::the_addressee_alone_makes_nobody_an_author",
    ),
    61: _row(
        "withdrawn, and shown as lapsed all the same",
        "unit/verify/test_false_proofs.py::a_withdrawal_that_is_not_shown_leaves_it_open",
        "unit/verify/test_false_proofs.py::a_withdrawal_is_not_hidden_by_holding_less_later",
    ),
    62: _row(
        "a clock of 2100, and a clock days slow",
        "unit/verify/test_false_proofs.py::a_token_does_not_count_against_the_other_sides_slow_clock",
        "unit/verify/test_false_proofs.py::a_clock_that_runs_ahead_gives_no_lapse_by_itself",
    ),
    63: _row(
        "one entry signed and never produced",
        "unit/verify/test_false_proofs.py::a_body_that_is_withheld_has_its_own_word",
    ),
    64: _row(
        "an answer in an incarnation that is left out",
        "unit/verify/test_false_proofs.py::a_restart_of_the_other_log_is_never_better_than_across_a_restart",
        "unit/verify/test_false_proofs.py::a_turn_to_another_life_of_the_other_log_is_noticed",
    ),
    65: _row(
        "a witness that was shown only old notes",
        "unit/verify/test_lesser_paths.py::dark_needs_delivery_a_clock_a_witness_and_no_answer",
    ),
    66: _row(
        "the past disowned by an early `revoked`",
        "unit/verify/test_false_proofs.py::a_revocation_takes_effect_at_a_place_and_not_at_a_date",
    ),
    67: _row(
        "a thief who covers its own backdated note",
        "unit/verify/test_false_proofs.py::what_a_revoked_key_signs_beyond_the_place_is_worthless",
        "unit/verify/test_lesser_paths.py::a_witness_before_the_revocation_keeps_a_statement",
    ),
    68: _row(
        "a fork on purpose to void what proves its silence",
        "unit/verify/test_false_proofs.py::a_fork_on_purpose_is_no_way_out",
        "unit/verify/test_false_proofs.py::leaves_of_two_branches_are_not_mixed",
    ),
    69: _row(
        "two charters with one id",
        "unit/verify/test_false_proofs.py::a_log_opened_on_another_charter_is_refused_and_an_unopened_one_is_said",
    ),
    70: _row(
        "a due of zero, or one already past",
        "unit/verify/test_false_proofs.py::a_due_that_starts_no_clock_gives_no_lapse",
    ),
}
