//! Connecting: all for the first time, in a storm, and one by one while messages are sent.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::Fleet;
use crate::load::client::State;
use crate::load::plan::Arrival;
use crate::load::proc::Cpu;

/// Connections begun between two looks at what arrived.
const BURST: usize = 64;
/// Longest all of them may take to connect.
const ARRIVING: Duration = Duration::from_secs(90);

impl Fleet<'_> {
    /// Connects everybody who is away.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand clients")]
    pub(super) fn arrive(&mut self, before: &Cpu) -> anyhow::Result<Arrival> {
        let (begun, all) = (Instant::now(), self.clients.len());
        let (mut next, mut failed, mut seconds) = (0, 0, 0.0);
        while self.there < all && begun.elapsed() < ARRIVING {
            failed += self.failed.len();
            let mut again = std::mem::take(&mut self.failed);
            for _ in 0..BURST {
                if self.plan.pace > 0 && self.coming >= self.plan.pace {
                    break;
                }
                let number = match again.pop() {
                    Some(number) => number,
                    None if next < all => {
                        next += 1;
                        next - 1
                    }
                    None => break,
                };
                self.connect(number)?;
            }
            failed -= again.len();
            self.failed.append(&mut again);
            let there = self.there;
            let idle = next == all && self.failed.is_empty();
            if idle && self.coming == 0 {
                // The server closed some again: nobody is left to wait for.
                break;
            }
            self.turn(Duration::from_millis(if idle { 50 } else { 0 }))?;
            if self.there > there {
                seconds = begun.elapsed().as_secs_f64();
            }
            if failed > 10 * all {
                bail!("the server refuses connections");
            }
        }
        let cpu = Cpu::of(&[self.plan.server]).since(before);
        Ok(Arrival {
            there: self.there,
            failed,
            seconds,
            cpu: cpu * 1e6 / self.there.max(1) as f64,
        })
    }

    fn connect(&mut self, number: usize) -> anyhow::Result<()> {
        let deaf = number >= self.plan.clients;
        let client = self.clients.get_mut(number).context("a client")?;
        client
            .connect(number, self.plan.port, deaf, self.poll.registry())
            .context("opening a socket")?;
        self.coming += 1;
        Ok(())
    }

    /// Drops some, ten times a second, and connects whom it dropped or who failed.
    pub(super) fn come_back(&mut self, now: u64) -> anyhow::Result<()> {
        let (due, first) = self.returning;
        if now < due {
            return Ok(());
        }
        let some = self.clients.len().div_ceil(30);
        self.returning = (
            now + 100_000_000,
            (first + some) % self.clients.len().max(1),
        );
        let mut away = std::mem::take(&mut self.failed);
        for (number, client) in self.clients.iter_mut().enumerate().skip(first).take(some) {
            if client.state() == State::There {
                client.leave();
                self.there -= 1;
                away.push(number);
            }
        }
        away.into_iter().try_for_each(|number| self.connect(number))
    }
}
