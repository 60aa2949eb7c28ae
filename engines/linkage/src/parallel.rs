//! Work in threads with the same results at any number of them: results keep the order of tasks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The results of `count` tasks in order. Each thread has scratch space of its own, on which no
/// result may depend.
pub fn map<T: Send, S: Default>(
    count: usize,
    threads: usize,
    work: impl Fn(usize, &mut S) -> T + Sync,
) -> Vec<T> {
    if threads <= 1 || count <= 1 {
        let mut scratch = S::default();
        return (0..count).map(|at| work(at, &mut scratch)).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new((0..count).map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                let mut scratch = S::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    let result = work(at, &mut scratch);
                    done.lock().expect("no thread panics with the lock")[at] = Some(result);
                }
            });
        }
    });
    let done = done.into_inner().expect("no thread panics with the lock");
    done.into_iter().map(|result| result.expect("each task was done")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_their_order() {
        for threads in [1, 2, 7] {
            let found = super::map(100, threads, |at, (): &mut ()| at * at);
            assert_eq!(found, (0..100).map(|at| at * at).collect::<Vec<_>>());
        }
    }
}
