//! Many at once.

use std::io::{Read, Write};
use std::net::TcpStream;

use futures_util::future::join_all;
use mfa_ledger::witness::MAX_IN_FLIGHT;

use super::{Log, Witness};

#[tokio::test]
async fn of_racing_requests_one_moves_on() {
    let log = Log::new("log.example/race", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let mut at = 0;
    while at < 36 {
        // The same old size, other new ones: the order of the answers must be one that could have been.
        let sizes = [at + 1, at + 2, at + 3, at + 4];
        let answers = join_all(sizes.iter().map(|size| witness.ask(log.request(at, *size)))).await;
        let won: Vec<_> = sizes.iter().zip(&answers).filter(|(_, answer)| answer.status == 200).collect();
        let [(size, answer)] = won.as_slice() else { panic!("from {at} moved on: {answers:?}") };
        witness.cosigned(&log, **size, answer);
        let told = format!("{size}\n");
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == 200 || (answer.status, &answer.text) == (409, &told))
        );
        at = **size;
    }
}

#[tokio::test]
async fn logs_do_not_wait_for_or_change_each_other() {
    let logs: Vec<_> = (0..8).map(|number| Log::new(&format!("log.example/{number}"), number)).collect();
    let keys: Vec<_> = logs.iter().map(Log::verifier).collect();
    let witness = Witness::start(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    for (old, new) in [(0, 7), (7, 30)] {
        let answers = join_all(logs.iter().map(|log| witness.ask(log.request(old, new)))).await;
        for (log, answer) in logs.iter().zip(&answers) {
            witness.cosigned(log, new, answer);
        }
    }
}

#[tokio::test]
async fn bodies_that_do_not_arrive_keep_nobody_waiting() {
    let log = Log::new("log.example/busy", 1);
    let witness = Witness::start(&[&log.verifier()]);
    let address = witness.url.trim_start_matches("http://");
    // Heads that say a body comes, which does not come.
    let begun = || {
        let mut caller = TcpStream::connect(address).expect("it listens");
        let head = "POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
        caller.write_all(head.as_bytes()).expect("it reads");
        // That it wants the body shows that the request has begun.
        let mut line = [0; 12];
        caller.read_exact(&mut line).expect("it answers");
        assert_eq!(&line, b"HTTP/1.1 100");
        caller
    };
    let callers: Vec<_> = (0..2 * MAX_IN_FLIGHT).map(|_| begun()).collect();
    let answer = witness.ask(log.request(0, 5)).await;
    witness.cosigned(&log, 5, &answer);
    drop(callers);
}
