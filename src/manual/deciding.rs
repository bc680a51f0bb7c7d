//! Decisions, for whoever changes this.
//!
//! * **Two copies of the log.** sled loses a tail without a word when the power goes; the journal is what makes a
//!   record durable, sled is what reading is made of.
//! * **Stretches come from the journal.** Records that stand one behind the other are read from there, whoever folds,
//!   exports or follows: they lie there one behind the other, with no tree to walk. Pages and single records come from sled.
//! * **Several records to a value.** What an opening of sled costs grows with its pages, and a page holds few values. Four
//!   records share one, in segments of 2 MiB: the copy opens in a third of the time, and takes a tenth more of the disk.
//! * **Pages that hold are given again.** A search that was made is not made again while the log has nothing new for it:
//!   newer records alone are looked at. Entries with words are written anew each time, since words can be erased.
//! * **sled gets portions.** One record costs sled nearly as much as a few hundred: it is given what is durable
//!   in larger portions, and readers are served from memory until then.
//! * **A stream for strangers.** Log-ins under names that nobody has move a stream of their own (`strangers`), not
//!   `directory`: guessing must not hold up registrations, or whatever rests on a user name.
//! * **Turns, then conflicts.** Commands on one stream take turns within the process, so that sixty-four callers
//!   with one code are answered in one pass each. The check of `reads` in the log stays the law.
//! * **Time and place under one lock.** A record gets its time and its place in the writer's queue in one short
//!   critical section, so that time never goes back along the log.
//! * **Decide, then make secrets.** A decision names the ids of secrets; they are drawn, hashed and put into the
//!   vault only once the rules have said yes, and before the record is appended. What a refused or lost command had
//!   put is destroyed.
//! * **Duties hang on no caller.** From its decision on, a command runs in a task of its own: a request's future can be
//!   dropped at any `await`, and a reset whose caller hung up must destroy its secrets all the same.
//! * **One fold of what is live.** The sweep, `doctor`, backups and restores ask the same fold which vault entries are
//!   live. It goes by events alone, not by who owns an entry: a note on a silence belongs to no account.
//! * **Activity in columns, not in a second tree.** A second sled tree costs more disk than the log itself (two trees:
//!   1.35 KB a record of 0.3 KB) and slows the writer. Blocks of 32,768 entries take 18 bytes an entry on disk and about
//!   30 in memory, never change once full, are shared by every copy of the state, and keep the rows of each value, as a
//!   list or as bits. Texts are found by one walk over the distinct ones.
//! * **Snapshots are sealed.** Whoever can write the disk could else make anybody a super administrator without a
//!   record. The seal is a MAC under a key derived from the master key; a new master key makes them worthless, no more.
//! * **The vault is not sled.** Removed values stay in sled for tens of thousands of writes. The vault is an
//!   append-only file of sealed bytes and a file of key slots that are overwritten in place.
//! * **Counters.** A replayed code is refused, but is not counted as a failure: it tells a guesser nothing, and a
//!   double click must not lock anybody out. Password failures are counted apart for addresses with a finished
//!   log-in, so that a stranger cannot lock out the owner; fifty each, a hundred together (NIST SP 800-63B-4).
//!   A reset does not set counters to zero; a block ends with the authenticator it was for, and the next single
//!   failure blocks again.
//! * **Generated passwords** run out after some days unless changed; not for the last active super administrator.
//! * **Sessions** live for a fixed time (`session_hours`), and end before it after `http.session_idle_minutes` (60) without a
//!   request. When a session was last used is kept in memory: on record it would be a record per request. After a start it
//!   counts from the last password or code in the session, so a restart prolongs none.
//! * **Step-up** is asked for resets. It is a fresh code in the same session.
//! * **Break glass** passes over what concerns the performer (permission, step-up, approval), never over what
//!   concerns the target.
