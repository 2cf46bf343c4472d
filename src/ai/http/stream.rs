//! An answer as it comes, within limits of time and size.

use std::ops::Deref;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::HeaderMap;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::{Answer, Limits, cause};
use crate::ai::failure::Broken;

/// An answer that is being read; dropping it ends the connection.
#[derive(Debug)]
pub struct Stream<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    response: Response,
    pace: Pace,
    most: usize,
    read: usize,
    /// One of the few that may be under way.
    _place: SemaphorePermit<'a>,
}

/// How long one still waits.
#[derive(Debug)]
pub(super) struct Pace {
    started: Instant,
    heard: Instant,
    begun: bool,
    first: Duration,
    idle: Duration,
    total: Duration,
}

impl Pace {
    /// For an answer that comes in pieces.
    pub(super) fn streamed(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            started: now,
            heard: now,
            begun: false,
            first: limits.first,
            idle: limits.idle,
            total: limits.total,
        }
    }

    /// For an answer that comes at once: it has as long as a stream may be silent.
    pub(super) fn whole(limits: &Limits) -> Self {
        let time = limits.total.min(limits.idle);
        Self::streamed(&Limits {
            first: time,
            idle: time,
            total: time,
            ..*limits
        })
    }

    /// Waits no longer than is allowed.
    pub(super) async fn wait<T>(&self, what: impl Future<Output = T>) -> Result<T, Broken> {
        let all = self.started + self.total;
        let (next, late) = match self.begun {
            false => (self.started + self.first, Broken::NotBegun(self.first)),
            true => (self.heard + self.idle, Broken::Silent(self.idle)),
        };
        let late = match (next < all, self.begun) {
            (true, _) => late,
            (false, true) => Broken::NotFinished(self.total),
            (false, false) => Broken::NotAnswered(self.total),
        };
        timeout_at(next.min(all), what).await.map_err(|_| late)
    }
}

impl<'a> Stream<'a> {
    pub(super) fn new(
        mut response: Response,
        pace: Pace,
        most: usize,
        place: SemaphorePermit<'a>,
    ) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            response,
            pace,
            most,
            read: 0,
            _place: place,
        }
    }

    /// Says that the model has begun to speak: from here on only silence is too long.
    pub fn begun(&mut self) {
        self.pace.begun = true;
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// When it takes too long, breaks off or is too much.
    pub async fn next(
        &mut self,
    ) -> Result<Option<impl Deref<Target = [u8]> + Send + use<>>, Broken> {
        let chunk = self.pace.wait(self.response.chunk()).await?;
        let chunk = chunk.map_err(|e| Broken::Cut(cause(&e)))?;
        self.pace.heard = Instant::now();
        self.read += chunk.as_ref().map_or(0, |chunk| chunk.len());
        match self.read > self.most {
            true => Err(Broken::Large(self.most)),
            false => Ok(chunk),
        }
    }

    /// All that is left.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn rest(mut self) -> Result<Answer, Broken> {
        let mut body = Vec::new();
        while let Some(chunk) = self.next().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: self.status,
            headers: self.headers,
            body,
        })
    }
}
