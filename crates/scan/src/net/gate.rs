//! The places at one address: so many sockets at once, however many scans want more, and fewer while
//! the address turns us away.
//!
//! Conversations go before knocks, since a port that never answers would hold the place of somebody
//! who has something to say; but a quarter of the places is always left to either, so that neither
//! waits for ever. Within a kind it is first come, first served.
//!
//! Being turned away halves the places, makes everybody pause and come one after the other from then
//! on, three times at most: a server that turns away even a single polite client means it. Half a
//! minute later all is forgotten.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::places::Purpose;
use super::takeover::LATELY;

/// Times that the places are halved.
const MOST_TIMES: u32 = 3;
/// What lies between one and the next after the first time; twice as much after the second.
const PACE: Duration = Duration::from_millis(50);
/// How long everybody pauses when the server does not say.
const PAUSE: Duration = Duration::from_secs(1);
/// How long at most; who asks for more patience is not asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The way to one address.
pub(super) struct Gate {
    places: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: usize,
    knocking: usize,
    knocked_last: bool,
    talkers: VecDeque<oneshot::Sender<Admitted>>,
    knockers: VecDeque<oneshot::Sender<Admitted>>,
    /// Ports that have said something.
    talkative: BTreeSet<u16>,
    crowded: Option<Crowded>,
}

/// What came of being turned away.
#[derive(Clone, Copy)]
struct Crowded {
    times: u32,
    /// When it happened last.
    at: Instant,
    /// Until when everybody pauses.
    until: Instant,
    /// When the next may come.
    next: Instant,
    /// Whether the pause is all that the server wished for.
    is_brief: bool,
}

/// The right to have one socket open to the address, until it is dropped.
pub(super) struct Admitted {
    gate: Arc<Gate>,
    purpose: Purpose,
}

impl Gate {
    /// Makes one with so many places.
    pub(super) fn new(places: usize) -> Self {
        Self { places, state: Mutex::default() }
    }

    /// Waits for a place, and until nobody pauses any more.
    pub(super) async fn enter(self: &Arc<Self>, purpose: Purpose) -> Admitted {
        let (waiting, place) = oneshot::channel();
        self.state().line(purpose).push_back(waiting);
        self.let_in();
        let admitted = place.await.expect("the gate outlives who waits at it");
        loop {
            while let Some(until) = self.pause() {
                sleep_until(until).await;
            }
            let Some(turn) = self.state().turn(Instant::now()) else { break };
            sleep_until(turn).await;
            if self.pause().is_none() {
                break;
            }
        }
        admitted
    }

    /// Returns whether a port has said something lately, so that it is not simply closed.
    pub(super) fn is_talkative(&self, port: u16) -> bool {
        self.state().talkative.contains(&port)
    }

    /// Notes that a port has said something.
    pub(super) fn heard_from(&self, port: u16) {
        self.state().talkative.insert(port);
    }

    /// Notes that the server turned somebody away who had come at `began`, and says whether it is
    /// worth asking again after a pause: that of the server's `wish`, if it has one.
    pub(super) fn turned_away(&self, began: Instant, wish: Option<Duration>) -> bool {
        self.state().turned_away(began, wish, Instant::now())
    }

    /// Says whether it is to be remembered that somebody was turned away.
    pub(super) fn is_crowded(&self) -> bool {
        self.state().crowded(Instant::now()).is_some()
    }

    /// Returns until when everybody pauses, if anybody has to.
    pub(super) fn pause(&self) -> Option<Instant> {
        let now = Instant::now();
        self.state().crowded(now).map(|crowded| crowded.until).filter(|until| *until > now)
    }

    /// Lets in who is next, while there are places.
    fn let_in(self: &Arc<Self>) {
        loop {
            let next = self.state().admit(self.places, Instant::now());
            let Some((purpose, waiting)) = next else { return };
            // Whoever has given up waiting drops the place, which lets in the next.
            drop(waiting.send(Admitted { gate: Arc::clone(self), purpose }));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.open -= 1;
        state.knocking -= usize::from(self.purpose == Purpose::Knock);
        drop(state);
        self.gate.let_in();
    }
}

impl Admitted {
    /// Returns the gate.
    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl State {
    fn line(&mut self, purpose: Purpose) -> &mut VecDeque<oneshot::Sender<Admitted>> {
        match purpose {
            Purpose::Knock => &mut self.knockers,
            Purpose::Talk | Purpose::Ask => &mut self.talkers,
        }
    }

    /// Returns what came of being turned away, while it is remembered.
    fn crowded(&self, now: Instant) -> Option<Crowded> {
        self.crowded.filter(|crowded| crowded.at + LATELY > now)
    }

    fn turned_away(&mut self, began: Instant, wish: Option<Duration>, now: Instant) -> bool {
        let before = self.crowded(now);
        if let Some(crowded) = before.filter(|crowded| began <= crowded.at) {
            // The others were there at the same time: it is one event.
            return crowded.is_brief;
        }
        let times = before.map_or(0, |crowded| crowded.times);
        if times >= MOST_TIMES {
            return false;
        }
        let wish = wish.unwrap_or(PAUSE);
        let until = now + wish.min(LONGEST_PAUSE);
        let is_brief = wish <= LONGEST_PAUSE;
        self.crowded = Some(Crowded { times: times + 1, at: now, until, next: until, is_brief });
        is_brief
    }

    /// Takes the next turn, if they come one after the other.
    fn turn(&mut self, now: Instant) -> Option<Instant> {
        let crowded = self.crowded(now)?;
        let turn = crowded.next.max(now);
        let next = turn + PACE * 2_u32.pow(crowded.times - 1);
        self.crowded = Some(Crowded { next, ..crowded });
        Some(turn)
    }

    /// Returns how many may be open at once, of so many places.
    fn places(&self, places: usize, now: Instant) -> usize {
        self.crowded(now).map_or(places, |crowded| (places >> crowded.times).max(1))
    }

    /// Takes a place for who is next.
    fn admit(
        &mut self,
        places: usize,
        now: Instant,
    ) -> Option<(Purpose, oneshot::Sender<Admitted>)> {
        let places = self.places(places, now);
        if self.open >= places {
            return None;
        }
        for line in [&mut self.talkers, &mut self.knockers] {
            while line.front().is_some_and(oneshot::Sender::is_closed) {
                line.pop_front();
            }
        }
        let quarter = (places / 4).max(1);
        let may_knock = match self.talkers.is_empty() {
            true => self.knocking < quarter.max(places - quarter),
            // With a single place they take turns.
            false => self.knocking < quarter && (places > 1 || !self.knocked_last),
        };
        let knocker = if may_knock { self.knockers.pop_front() } else { None };
        let next = match knocker {
            Some(waiting) => (Purpose::Knock, waiting),
            None => (Purpose::Talk, self.talkers.pop_front()?),
        };
        self.open += 1;
        self.knocked_last = next.0 == Purpose::Knock;
        self.knocking += usize::from(self.knocked_last);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Returns who gets in at once.
    fn now(gate: &Arc<Gate>, purpose: Purpose) -> Option<Admitted> {
        gate.enter(purpose).now_or_never()
    }

    #[tokio::test]
    async fn all_places_together_are_no_more_than_there_are() {
        let gate = Arc::new(Gate::new(8));
        let knocks: Vec<_> = (0..9).map_while(|_| now(&gate, Purpose::Knock)).collect();
        let talks: Vec<_> = (0..9).map_while(|_| now(&gate, Purpose::Talk)).collect();
        assert_eq!((knocks.len(), talks.len()), (6, 2), "a quarter is left to who talks");
        drop(talks);
        assert!(now(&gate, Purpose::Knock).is_none());
    }

    #[tokio::test]
    async fn who_talks_goes_before_who_knocks_but_some_knocks_get_through() {
        let gate = Arc::new(Gate::new(4));
        let mut talks: Vec<_> = (0..4).map_while(|_| now(&gate, Purpose::Talk)).collect();
        let mut knocks: Vec<_> = (0..2).map(|_| Box::pin(gate.enter(Purpose::Knock))).collect();
        let mut talk = Box::pin(gate.enter(Purpose::Talk));
        assert!(knocks.iter_mut().all(|knock| knock.as_mut().now_or_never().is_none()));
        assert!(talk.as_mut().now_or_never().is_none());
        talks.pop();
        let first = knocks[0].as_mut().now_or_never();
        assert!(first.is_some() && talk.as_mut().now_or_never().is_none());
        talks.pop();
        assert!(talk.as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_costs_nobody_a_place() {
        let gate = Arc::new(Gate::new(1));
        let only = now(&gate, Purpose::Talk);
        let mut gone = Box::pin(gate.enter(Purpose::Talk));
        let mut given = Box::pin(gate.enter(Purpose::Talk));
        assert!(gone.as_mut().now_or_never().is_none() && given.as_mut().now_or_never().is_none());
        drop(gone);
        drop(only);
        // The place is handed over already, and never taken.
        drop(given);
        assert!(now(&gate, Purpose::Talk).is_some());
    }

    #[test]
    fn being_turned_away_halves_the_places_and_makes_everybody_pause() {
        let mut state = State::default();
        let began = Instant::now();
        assert!(state.turned_away(began, None, began + PACE));
        assert!(state.turned_away(began, None, began + PACE * 2), "the same event");
        assert_eq!(state.places(8, began + PACE), 4);
        let first = began + PACE + PAUSE;
        assert_eq!(state.turn(began + PACE), Some(first));
        assert_eq!(state.turn(began + PACE), Some(first + PACE), "one after the other");
        assert_eq!(state.turn(first + PAUSE), Some(first + PAUSE), "who comes late need not wait");
    }

    #[test]
    fn who_always_turns_away_means_it_and_is_forgiven_in_the_end() {
        let mut state = State::default();
        let mut now = Instant::now();
        for places in [4, 2, 1] {
            now += PAUSE * 2;
            assert!(state.turned_away(now, None, now));
            assert_eq!(state.places(8, now), places);
        }
        now += PAUSE * 2;
        assert!(!state.turned_away(now, None, now));
        assert_eq!(state.places(8, now), 1);
        now += LATELY;
        assert_eq!((state.places(8, now), state.turn(now)), (8, None));
        assert!(state.turned_away(now, None, now));
    }

    #[test]
    fn a_wish_for_more_patience_than_we_have_is_not_waited_for() {
        let (mut state, now) = (State::default(), Instant::now());
        assert!(!state.turned_away(now, Some(LONGEST_PAUSE * 2), now));
        assert!(!state.turned_away(now, Some(LONGEST_PAUSE * 2), now + PACE), "nor by the others");
        assert_eq!(state.turn(now), Some(now + LONGEST_PAUSE), "the others still pause a little");
        let mut state = State::default();
        assert!(state.turned_away(now, Some(PAUSE * 3), now));
        assert_eq!(state.turn(now), Some(now + PAUSE * 3));
    }
}
