//! What the kernel says of processes and sockets (Linux).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// A process and all its children.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(&process) = family.get(next) {
        next += 1;
        for task in numbers(&format!("/proc/{process}/task")) {
            let children = read(&format!("/proc/{process}/task/{task}/children"));
            family.extend(children.split_whitespace().filter_map(number));
        }
    }
    family
}

/// CPU of each thread of some processes and their children, nanoseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cpu(HashMap<u32, u64>);

impl Cpu {
    /// What they have used up to now.
    pub(crate) fn of(processes: &[u32]) -> Cpu {
        let mut used = HashMap::new();
        for process in processes.iter().flat_map(|process| family(*process)) {
            for task in numbers(&format!("/proc/{process}/task")) {
                let text = read(&format!("/proc/{process}/task/{task}/schedstat"));
                let nanos = text.split(' ').next().and_then(|text| text.parse().ok());
                used.insert(task, nanos.unwrap_or(0));
            }
        }
        Cpu(used)
    }

    /// Seconds used since `before`; of threads that are gone nothing is known.
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a run")]
    pub(crate) fn since(&self, before: &Cpu) -> f64 {
        let used = self.0.iter().map(|(task, nanos)| {
            let before = before.0.get(task).copied().unwrap_or(0);
            nanos.saturating_sub(before)
        });
        used.sum::<u64>() as f64 / 1e9
    }
}

/// Seconds that all cores were busy since the machine began, also with work of other guests.
pub(crate) fn busy() -> f64 {
    let text = read("/proc/stat");
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let busy = [0, 1, 2, 5, 6, 7].map(|index| ticks.get(index).copied().unwrap_or(0.0));
    busy.iter().sum::<f64>() / 100.0
}

/// Resident memory of a process and its children, bytes.
#[expect(clippy::cast_precision_loss, reason = "bytes of a machine")]
pub(crate) fn resident(process: u32) -> f64 {
    let kibibytes = |process| {
        let status = read(&format!("/proc/{process}/status"));
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or(0)
    };
    family(process).into_iter().map(kibibytes).sum::<u64>() as f64 * 1024.0
}

/// The server's ends of some connections.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends {
    /// Still open.
    pub(crate) open: usize,
    /// Bytes the kernel holds for the one it holds most for.
    pub(crate) most: u64,
}

/// The ends at `port` of those connections that clients have at these ports.
pub(crate) fn ends(port: u16, clients: &HashSet<u16>) -> Ends {
    let mut ends = Ends::default();
    for line in read("/proc/net/tcp").lines().skip(1) {
        let mut columns = line.split_whitespace().skip(1);
        let mut ports = columns.by_ref().take(2).map(|address| {
            let port = address.rsplit(':').next().unwrap_or_default();
            u16::from_str_radix(port, 16).ok()
        });
        let (local, remote) = (ports.next().flatten(), ports.next().flatten());
        if local != Some(port) || !remote.is_some_and(|port| clients.contains(&port)) {
            continue;
        }
        let state = columns.next();
        let queue = columns.next().and_then(|queues| queues.split(':').next());
        let waiting = queue.and_then(|text| u64::from_str_radix(text, 16).ok());
        ends.open += usize::from(state == Some("01"));
        ends.most = ends.most.max(waiting.unwrap_or(0));
    }
    ends
}

fn numbers(folder: &str) -> Vec<u32> {
    let entries = fs::read_dir(Path::new(folder))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter_map(|entry| number(&entry.file_name().to_string_lossy()))
        .collect()
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
