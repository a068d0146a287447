//! What the system gives this process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for memory in small pages. The allocator asks for huge ones, of which a few dozen small
/// things keep whole; an idle hub holds 43 MiB instead of 61. To be called first: what
/// was handed out before stays as it is.
pub fn small_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        // Nobody listens yet, and it only costs memory.
        tracing::debug!(%error, "Huge pages stay on");
    }
}

/// Lets this process open as many files as it may: every client is one, and many systems begin with
/// 1,024. Answers how many that are.
pub fn most_files() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let more = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, more) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_may_be_opened_as_the_system_allows() {
        let most = most_files();
        let now = getrlimit(Resource::Nofile);
        assert_eq!((now.current, now.maximum), (most, most));
    }
}
