//! What fails, what you see, and what to do.
//!
//! Every row is a test, named in its last column as file and function below `tests/it/`. "Nothing" means that the row
//! changes nothing there. `doctor` runs on a data directory that no server holds, unless a row says otherwise.
//!
//! # The disk
//!
//! | fault | `/readyz` and metrics | `doctor` | log output | alert | callers | what to do | test |
//! |---|---|---|---|---|---|---|---|
//! | a commit, or its sync, fails | 503 `log`, since when; `mfa_ledger_log_writable` 0 | nothing | "a write has failed", then "log and vault are open again" | none: nothing can be recorded | first `outcome-unknown`, then `log-unavailable`; reading goes on | mend the disk; the server reopens its files by itself; repeat with the same key | `faults/reopen.rs` `a_log_that_cannot_be_written_is_reopened_when_the_disk_is_well` |
//! | the next journal file cannot be begun | the same | nothing | the same | none | the same | the same | `faults/reopen.rs` `a_segment_that_cannot_be_begun_is_begun_when_the_disk_is_well` |
//! | a vault write, or its sync, fails | 503 `vault`, since when; `mfa_ledger_vault_writable` 0 | nothing | the same | none | `vault-unavailable`; reading goes on | the same | `faults/stuck.rs` `a_vault_that_cannot_destroy_refuses_commands_says_so_and_is_reopened_without_a_restart` |
//! | a secret could not be destroyed for more than 60 s | degraded `secrets`; `mfa_ledger_destructions_owed_seconds` | nothing | "vault entries that are to be destroyed are still there" | `secret-not-destroyed` (critical), once the log can be written | `vault-unavailable` meanwhile | nothing: it is destroyed when the files are reopened. Find out what was wrong with the disk | `faults/reopen/late.rs` `a_secret_that_was_not_destroyed_within_a_minute_is_one_critical_alert` |
//! | the vault cannot grow, or cannot be compacted | the same | nothing | the same | none | the same | the same | `faults/reopen.rs` `a_vault_that_cannot_grow_or_shrink_does_when_the_disk_is_well` |
//! | a commit does not return | 503 `log` after 2 s: what hangs, and since when; `mfa_ledger_log_write_seconds` grows | nothing | "a write to the disk has not returned", then "ending" | none | new ones `log-unavailable`, waiting ones `outcome-unknown` after 10 s | look at the disk; after 30 s (`log.hang_exit_seconds`) the process ends with exit code 1, and the supervisor starts it again | `faults/stuck.rs` `a_log_whose_sync_hangs_is_seen_and_ends_the_server` |
//! | a vault write does not return | 503 `vault` after 2 s; `mfa_ledger_vault_write_seconds` grows | nothing | the same | none | `vault-unavailable` | the same | `faults/stuck.rs` `who_waits_for_a_vault_that_hangs_hears_that_it_is_not_available` |
//! | the disk is nearly full | 503 `disk`; `mfa_ledger_read_only` 1 | `disk-space` fails | "read-only" | none | `read-only` with `Retry-After` | make room; the server goes on by itself | `promises/full_disk.rs` `the_server_turns_read_only_before_the_disk_is_full_and_goes_on_by_itself` |
//! | the disk is full, without a reserve | 503 | `disk-space` warns | "a write has failed" | none | `outcome-unknown`, `log-unavailable` or `vault-unavailable` | make room; the server reopens its files by itself | `promises/full_disk.rs` `a_disk_that_was_really_full_is_written_again_without_a_restart` |
//! | an fsync failed, and the machine loses power later | as above | nothing | nothing more | none | `outcome-unknown` | replace the disk | `faults/cuts.rs` `a_start_after_a_failed_sync_does_not_trust_what_it_reads` |
//! | checkpoints cannot be signed at a stop | the next start: ready | nothing | the stop ends with an error | none | nothing | make room; the next start recovers as after a crash | `faults/checkpoints.rs` `a_stop_that_cannot_sign_leaves_no_mark_and_the_next_start_goes_on` |
//!
//! # The journal
//!
//! A server that refuses to start serves no `/readyz` and raises no alert. A loss that an operator accepts is the record
//! `log.loss_accepted`, and `log.restored` follows it (`manual::operating`, "After a restore"). Copy the whole data directory before you accept one. Entries of the vault that the remaining log does
//! not name are copied to `lost/…/vault` and then destroyed in the vault; delete that copy when the case is closed.
//!
//! | fault | `doctor` | what a start does and says | callers | what to do | test |
//! |---|---|---|---|---|---|
//! | records were added behind an orderly stop | `log` fails, exit code 10 | exit code 10, with the position | none are served | keep a copy; restore a backup, or `serve --accept-loss` | `tampering/appended.rs` `records_behind_the_mark_of_an_orderly_stop` |
//! | the same, with a rewritten mark | the same | exit code 10: "its checkpoint covers only …" | none | the same | `tampering/appended.rs` `records_behind_the_newest_checkpoint_with_a_mark_that_was_rewritten` |
//! | the mark `closed` was deleted after an orderly stop | the same | exit code 10: "its mark … was removed since" | none | put the mark back if that was a mistake; restore a backup, or `serve --accept-loss` | `tampering/marks.rs` `a_mark_that_was_deleted_is_refused_until_an_operator_accepts_it` |
//! | the mark was deleted, and records were added | the same | exit code 10, with the position | none | keep a copy; restore a backup, or `serve --accept-loss` | `tampering/marks.rs` `records_that_were_added_after_the_mark_was_deleted` |
//! | the same, and `vault/closed` was changed as well | the same | exit code 10: "its second mark, vault/closed, is there, and was changed" | none | the same | `tampering/marks.rs` `records_that_were_added_after_one_mark_was_deleted_and_the_other_changed` |
//! | after a kill, the vault was put back from an older copy | ok, or `vault` fails for entries that it lacks | starts: the newest checkpoint shows that the log went on | who lacks an entry: as for damage | `backup restore --vault-only` | `tampering/marks.rs` `an_older_copy_of_the_vault_after_a_kill_costs_no_record_that_was_signed_for` |
//! | a mark names a later end than the journal has | the same | exit code 10: "it ended at … when the log was closed" | none | the same | `tampering/marks.rs` `a_mark_that_names_a_later_end_than_there_is` |
//! | the mark cannot be read, or is a directory | `log` fails, exit code 1 | exit code 1, with advice | none | make it readable, or put an empty file in its place and start again | `tampering/marks.rs` `a_mark_that_cannot_be_read_is_told_with_advice` |
//! | a backup from before an accepted loss is served with the newer signing keys | `log` fails, exit code 10 | exit code 10: "these signing keys went on as …" | none | restore a newer backup, or `serve --accept-loss` | `tampering/origins.rs` `a_backup_from_before_an_accepted_loss_is_refused_beside_the_newer_keys` |
//! | records are cut off that name vault entries | `set-aside` warns until the copy is deleted | a warning: how many entries, and where the copy is | none, until the loss is accepted | delete `lost/…/vault` when the case is closed | `vault/lost.rs` `vault_entries_that_only_cut_records_name_are_kept_until_an_operator_deletes_them` |
//! | no administrator would remain | `log` fails, exit code 10 | `serve --accept-loss`: exit code 1, "nothing was changed" | none | restore a backup | `vault/lost.rs` `a_loss_that_leaves_no_administrator_is_not_accepted` |
//! | bytes that are no record follow an orderly stop | the same | exit code 10: "bytes follow it" | none | the same | `tampering/appended.rs` `bytes_that_are_no_record_behind_the_mark` |
//! | a bit of the last record changed after a kill | the same | exit code 10, with the position; nothing is cut | none | the same | `tampering/flipped.rs` `a_bit_of_the_last_record_that_changes_after_a_kill_is_never_cut_off` |
//! | the last batch was not written in full | `log` warns | cuts it off, one warning | none had been answered for it | nothing; repeat with the same key | `tampering/flipped.rs` `a_last_record_that_was_not_written_in_full_is_cut_off_and_the_start_says_so` |
//! | a bit changed in room that is not in use | `log` warns | starts, one warning | nothing | check the disk | `doctor/altered.rs` `a_bit_that_changed_behind_the_last_record_is_told_and_costs_nothing` |
//! | the log turns out to be altered when it is reopened | `log` fails, exit code 10 | the server ends with exit code 10 | connections end | as for an altered log | `faults/stuck.rs` `a_log_that_turns_out_to_be_altered_when_it_is_reopened_ends_the_server` |
//!
//! # The vault
//!
//! | fault | `/readyz` and metrics | `doctor` | log output | alert | callers | what to do | test |
//! |---|---|---|---|---|---|---|---|
//! | one entry is damaged: a name | degraded `vault_entries`; `mfa_ledger_vault_damaged_entries` 1 | `vault` fails and names it | "the vault has damaged entries" | `vault-entry-damaged` | that value is `unreadable`; pages, lists and exports go on | enter name and addresses again, or `backup restore --vault-only` | `vault/served.rs` `one_damaged_name_in_the_vault_costs_one_name_and_a_change_repairs_it` |
//! | a password entry is damaged | the same | the same | the same | the same | answered like a wrong password, on record | reset the password | `vault/served.rs` `a_damaged_password_in_the_vault_is_answered_like_a_wrong_one_and_a_reset_repairs_it` |
//! | a seed is damaged | the same | the same | the same | the same | answered like a wrong code, on record | reset the MFA | `vault/served.rs` `a_damaged_seed_in_the_vault_fails_on_record_and_a_reset_repairs_it` |
//! | one byte of `vault/sealed` changed | the same | the same | the same | the same | everything else works | the same | `vault/served.rs` `one_changed_byte_of_the_sealed_file_of_the_vault_does_not_stop_the_service` |
//! | a vault file is missing, or its header is damaged | no server starts | `vault` fails, with advice | exit code 1, with advice | none | none are served | `backup restore --vault-only`, or `serve --accept-loss` | `vault/served.rs` `a_missing_file_or_a_damaged_header_of_the_vault_is_told_with_advice` |
//! | the vault was removed | no server starts; no new vault is made | the same | the same | none | none | the same | `vault/served.rs` `a_vault_that_was_removed_is_refused_and_comes_back_from_a_backup` |
//! | the vault is empty, or of another log | the same | the same | the same | none | none | the same | `vault/swapped.rs` `an_empty_vault_and_that_of_another_log_are_refused_and_left_alone` |
//! | a vault of another ledger was put in its place, with its note or under its key | the same | the same | exit code 1: "is not the vault of this log" | none | none | the same | `vault/swapped.rs` `a_vault_of_another_ledger_is_called_that_under_every_key_and_with_every_note` |
//! | the header page of the key slots is damaged | no server starts | `vault` fails: damaged, with advice | exit code 1: damaged, with advice | none | none; `backup create` ends with exit code 10 | the same | `vault/header.rs` `a_damaged_header_page_of_the_vault_is_damage_to_every_command` |
//! | a vault is lost without a backup | after `--accept-loss`: degraded `vault_entries` until all are reset | names what is missing | `vault.loss_accepted` on record | `vault-entry-damaged`, one for each entry | nobody signs in until reset | reset passwords and MFA at the machine | `vault/served.rs` `the_loss_of_a_vault_is_accepted_on_record_and_everybody_is_reset` |
//! | a caller hangs up during a reset | ready; `mfa_ledger_destructions_owed` 0 | ok | nothing | none | the caller repeats with the same key | nothing: the secrets are destroyed all the same | `promises/hang_up/wire.rs` `callers_who_hang_up_leave_no_ended_secret_and_no_orphan` |
//! | sixty people confirm an enrollment at once | ready | ok | nothing | none | all are served | nothing | `people/together.rs` `sixty_people_who_confirm_at_once_are_all_served_while_guessers_sign_in` |
//!
//! # Outside
//!
//! | fault | `/readyz` and metrics | `doctor` | log output | alert | callers | what to do | test |
//! |---|---|---|---|---|---|---|---|
//! | a message on NATS was altered, its id kept | degraded `nats`; `mfa_ledger_nats_stream_differs` 1; publishing stops | nothing | error, with the position | `stream-differs` | nothing; `events verify` and `events replay` end with exit code 10 | keep the stream, and give it other subjects (`old.mfa.v1.>`); name another `nats.events_stream`; restart | `nats/rewritten.rs` `an_altered_message_is_found_by_everybody_and_told_once` |
//! | two messages changed places | the same | nothing | the same | the same | the same | the same | `nats/rewritten.rs` `two_messages_that_changed_places_are_found` |
//! | a header was added to a message | the same | nothing | the same | the same | the same | the same | `nats/rewritten.rs` `a_header_that_would_hide_a_message_is_found` |
//! | the last message is missing | ready once it is published again | nothing | nothing | none | `events verify` ends with exit code 10 until then | start the server | `nats/rewritten.rs` `a_message_that_is_missing_at_the_end_is_found_and_published_again` |
//! | the stream was deleted under a running server | degraded `nats`; `mfa_ledger_nats_stream_recreated` 1 | nothing | error | `stream-recreated` | nothing | add the consumers again; a restart clears `/readyz` | `nats/rewritten.rs` `a_stream_that_is_deleted_under_a_running_server_is_told_and_filled_again` |
//! | the stream's limits dropped its beginning | publishing stops | nothing | error | none | `events verify` ends with exit code 10: "messages 1 to N are gone" | name another stream without limits | `nats/verify.rs` `messages_that_limits_dropped_are_named` |
//! | an anchor was emptied, and the data directory rolled back | no server starts | `anchors` fails, exit code 10 | exit code 10: the anchor, what it held, and when | none | none are served | restore a newer backup, or `serve --accept-loss` | `anchors/emptied.rs` `a_directory_that_was_rolled_back_is_refused_although_its_anchor_was_emptied` |
//! | an anchor was emptied | no server starts | the same | the same | none | none | bring it back, or `anchors forget` | `anchors/emptied.rs` `a_directory_that_was_emptied_is_refused_until_it_is_back_or_forgotten` |
//! | an anchor is emptied while the log is served | degraded `anchors`, with the next checkpoint | exit code 10 | error | none | nothing | the same | `anchors/emptied.rs` `an_anchor_that_is_emptied_while_the_log_is_served_is_told_and_not_filled_again` |
//! | the file beside the signing keys that remembers anchors is missing or damaged | no server starts | `anchors` fails, exit code 10 | exit code 10: the file, and what to compare | none | none are served | put it back, or compare and `anchors forget --all` | `anchors/remembered.rs` `a_directory_that_was_rolled_back_is_refused_without_the_file_outside` |
//! | the file in the data directory that remembers anchors is missing or damaged | ready | `anchors` warns | warning | none | nothing | nothing: it is written again; find out what damaged it | `anchors/remembered.rs` `a_torn_inside_file_of_the_memory_is_replaced_and_a_torn_outside_file_is_refused` |
//! | an anchor was taken out of the configuration, and the data directory rolled back | no server starts | `log` fails, exit code 10 | exit code 10: the anchor, and the position | none | none are served | restore a newer backup, or `serve --accept-loss` | `anchors/directory.rs` `yesterdays_directory_is_refused_and_named` |
//! | an anchor was taken out of the configuration | ready | `anchors` warns | warning | none | nothing | put it back, or `anchors forget` | `anchors/remembered.rs` `an_old_installation_and_a_new_anchor_begin_to_remember` |
//! | replies are injected into STARTTLS | degraded `mail` after 5 minutes | nothing | "may be injecting replies"; the notice is not recorded as sent | none | nothing | look at the network to the mail host; the notice is tried again | `notify/injected.rs` `replies_that_were_injected_into_starttls_send_nothing` |
