//! The generator against a server of the test's own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::fleet::Fleet;
use super::frames;
use super::plan::{Phase, Plan, Publish};
use crate::floor;

/// Lets so many clients in.
fn let_in(listener: &TcpListener, clients: usize) -> Vec<TcpStream> {
    let arrivals = (0..clients).map(|_| {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            .unwrap();
        stream
    });
    arrivals.collect()
}

/// Hands what is published to everybody, and the `twice`th message once more to the first.
fn hand_out(mut publisher: TcpStream, mut clients: Vec<TcpStream>, twice: usize) {
    let (mut bytes, mut room, mut count) = (Vec::new(), [0; 4096], 0);
    while let Ok(read @ 1..) = publisher.read(&mut room) {
        bytes.extend_from_slice(&room[..read]);
        let mut rest = bytes.as_slice();
        while let Some(parts) = floor::array(&mut rest) {
            assert_eq!(parts[..2], [b"PUBLISH".as_slice(), b"feed"]);
            let frame = frames::text(parts[2]);
            count += 1;
            for (number, client) in clients.iter_mut().enumerate() {
                let times = if number == 0 && count == twice { 2 } else { 1 };
                client.write_all(&frame.repeat(times)).unwrap();
            }
            publisher.write_all(b":2\r\n").unwrap();
        }
        bytes = rest.to_vec();
    }
}

#[test]
fn every_delivery_is_counted_and_one_that_comes_twice_stands_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let redis = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let plan = Plan {
        port: listener.local_addr().unwrap().port(),
        path: "/".to_owned(),
        clients: 3,
        deaf: 0,
        pace: 0,
        storms: 0,
        returns: false,
        hold: 0.0,
        publish: Publish::Redis {
            port: redis.local_addr().unwrap().port(),
            channel: "feed".to_owned(),
        },
        size: 300,
        classes: 1,
        phases: vec![Phase::open(1000.0, 20)],
        server: std::process::id(),
        carriers: Vec::new(),
    };
    // The first message warms up; the fifth is of the phase.
    let server = thread::spawn(move || {
        let clients = let_in(&listener, 3);
        hand_out(redis.accept().unwrap().0, clients, 5);
    });

    let report = Fleet::new(&plan).unwrap().run().unwrap();
    server.join().unwrap();

    let sent = &report.phases[0];
    assert_eq!(
        (report.arrivals[0].there, report.arrivals[0].failed),
        (3, 0)
    );
    assert_eq!((sent.expected, sent.received, sent.lost()), (60, 60, 0));
    assert_eq!((sent.disordered, sent.closed), (1, 0));
    assert!((sent.size - 300.0).abs() < 1e-9, "{}", sent.size);
}
