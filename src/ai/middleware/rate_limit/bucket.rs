//! One limit: a bucket that fills evenly, or a window that a provider speaks of. Knows no requests.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket that is filled evenly, `most` in a `window`, and holds no more than that.
///
/// Its level is kept as the moment at which it will be full, which loses nothing to rounding (the
/// generic cell rate algorithm of ATM networks, ITU-T I.371).
#[derive(Debug)]
pub(super) struct Bucket {
    most: u64,
    window: Duration,
    full: Option<Instant>,
}

impl Bucket {
    pub fn new(most: u64, window: Duration) -> Self {
        Self {
            most,
            window,
            full: None,
        }
    }

    pub fn most(&self) -> u64 {
        self.most
    }

    /// How long it is until so many may be taken.
    pub fn wait(&self, n: u64, now: Instant) -> Duration {
        let full = self.after(n, now);
        full.saturating_duration_since(now)
            .saturating_sub(self.window)
    }

    /// Takes so many, also more than there are.
    pub fn take(&mut self, n: u64, now: Instant) {
        self.full = Some(self.after(n, now));
    }

    /// Puts so many back that were taken.
    pub fn give_back(&mut self, n: u64) {
        let earlier = self.full.map(|full| full.checked_sub(self.time_of(n)));
        self.full = earlier.flatten();
    }

    fn after(&self, n: u64, now: Instant) -> Instant {
        let full = self.full.map_or(now, |full| full.max(now));
        full.checked_add(self.time_of(n)).unwrap_or(full)
    }

    /// How long it takes until so many have flowed in.
    fn time_of(&self, n: u64) -> Duration {
        let nanos = self.window.as_nanos() * u128::from(n) / u128::from(self.most.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX / 2))
    }
}

/// What a provider said: so many are left until then. Empty until it says something.
#[derive(Debug, Default)]
pub(super) struct Window(Option<(u64, Instant)>);

impl Window {
    pub fn new(left: u64, until: Instant) -> Self {
        Self(Some((left, until)))
    }

    pub fn wait(&self, n: u64, now: Instant) -> Duration {
        match self.0 {
            Some((left, until)) if left < n => until.saturating_duration_since(now),
            _ => Duration::ZERO,
        }
    }

    pub fn take(&mut self, n: u64) {
        if let Some((left, _)) = &mut self.0 {
            *left = left.saturating_sub(n);
        }
    }

    pub fn give_back(&mut self, n: u64) {
        if let Some((left, _)) = &mut self.0 {
            *left = left.saturating_add(n);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_bucket_fills_evenly_and_holds_no_more_than_its_limit() {
        let begin = Instant::now();
        let mut bucket = Bucket::new(6, seconds(60));
        // At a second, so many are taken; the wait for them before.
        let rows = [
            (0, 4, 0),
            (0, 2, 0),
            (0, 1, 10),
            (20, 1, 0),
            (20, 1, 10),
            (1000, 6, 0),
            (1000, 3, 30),
        ];
        for (row, (at, n, wait)) in rows.into_iter().enumerate() {
            let now = begin + seconds(at);
            assert_eq!(bucket.wait(n, now), seconds(wait), "row {row}");
            bucket.take(n, now);
        }
    }

    proptest! {
        #[test]
        fn what_is_given_back_was_never_taken(
            most in 1..1000_u64, taken in 0..500_u64, back in 0..500_u64, asked in 0..500_u64,
        ) {
            let now = Instant::now();
            let window = seconds(3600);
            let (mut one, mut other) = (Bucket::new(most, window), Bucket::new(most, window));
            one.take(taken, now);
            other.take(taken, now);
            one.take(back, now);
            one.give_back(back);
            let (one, other) = (one.wait(asked, now), other.wait(asked, now));
            prop_assert_eq!(one, other);
        }

        #[test]
        fn in_no_window_go_more_than_twice_as_many_as_the_limit(
            most in 1..50_u64, asks in prop::collection::vec((0..5_000_u64, 1..5_u64), 1..100),
        ) {
            let begin = Instant::now();
            let mut bucket = Bucket::new(most, seconds(60));
            let (mut now, mut gone) = (begin, Vec::new());
            for (ms, n) in asks {
                now += Duration::from_millis(ms);
                now += bucket.wait(n.min(most), now);
                bucket.take(n.min(most), now);
                gone.push((now, n.min(most)));
            }
            for (end, _) in &gone {
                let within = gone.iter().filter(|(at, _)| at <= end && *end - *at < seconds(60));
                prop_assert!(within.map(|(_, n)| n).sum::<u64>() <= 2 * most);
            }
        }
    }

    #[test]
    fn a_window_holds_until_it_begins_anew() {
        let now = Instant::now();
        let silent = Window::default();
        assert_eq!(silent.wait(u64::MAX, now), Duration::ZERO);
        let mut window = Window::new(2, now + seconds(9));
        assert_eq!(window.wait(2, now), Duration::ZERO);
        window.take(1);
        assert_eq!(window.wait(2, now), seconds(9));
        assert_eq!(window.wait(2, now + seconds(10)), Duration::ZERO);
        window.give_back(1);
        assert_eq!(window.wait(2, now), Duration::ZERO);
    }
}
