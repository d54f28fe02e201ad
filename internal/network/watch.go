package network

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// How a channel is watched.
const (
	watchFor     = 10 * time.Minute // one run of the job
	beatEvery    = 10 * time.Second
	silentAfter  = 45 * time.Second // a watcher without a beat for so long is taken for dead
	tendEvery    = 10 * time.Second
	refreshEvery = 15 * time.Minute // recent items are read again
	refreshGap   = time.Minute      // between the parts of that
	refreshMost  = 200              // items in all
	refreshPart  = 50               // items at once
	bellGap      = 500 * time.Millisecond
	bellMost     = 1000 // remote ids remembered from bells
	callFor      = 2 * time.Minute
	idlePages    = 50 // pages of history in a row that bring nothing: the server goes round in circles
	napMost      = 30 * time.Second
)

// watchJob watches a channel as one generation of watchers.
type watchJob struct {
	Company    team.CompanyID `json:"company"`
	Channel    ChannelID      `json:"channel" river:"unique"`
	Generation int            `json:"generation" river:"unique"`
}

func (watchJob) Kind() string { return "network.watch" }

// tendJob sees to it that every active channel is watched.
type tendJob struct{}

func (tendJob) Kind() string { return "network.tend" }

// lookJob looks at a broken channel, which may have been broken by a server that was confused.
type lookJob struct {
	Company team.CompanyID `json:"company"`
	Channel ChannelID      `json:"channel" river:"unique"`
}

func (lookJob) Kind() string { return "network.look" }

// Register adds the room's jobs to the queue.
func (n *Networks) Register(q *queue.Queue) {
	n.queue = q
	queue.Handle(q, -1, n.watch)
	queue.Handle(q, time.Minute, func(ctx context.Context, _ tendJob) error { return n.Tend(ctx) })
	queue.Handle(q, callFor, func(ctx context.Context, j lookJob) error {
		row, err := n.readChannel(ctx, j.Company, j.Channel)
		if errors.Is(err, ErrNoChannel) {
			return nil
		}
		if err != nil {
			return err
		}
		if row.State != Broken {
			return nil
		}
		return n.look(ctx, row)
	})
	queue.Handle(q, callFor, func(ctx context.Context, j hubJob) error { return n.stepHub(ctx, j.Company, j.Hub) })
	queue.Handle(q, time.Minute, func(ctx context.Context, j ringJob) error {
		err := n.ringChannel(ctx, j.Company, j.Channel, false)
		if errors.Is(err, ErrNoChannel) {
			return nil
		}
		return err
	})
	q.Every(tendEvery, queue.Options{Line: queue.Quick, MaxAttempts: 1, Unique: true}, tendJob{})
}

// addWatch adds the job of the row's generation.
func (n *Networks) addWatch(ctx context.Context, tx *store.Tx, row *channelRow) error {
	if n.queue == nil {
		return nil
	}
	return n.queue.Add(ctx, tx, watchJob{Company: row.Company, Channel: row.ID, Generation: row.WatchGeneration},
		queue.Options{Line: queue.Watch, MaxAttempts: 3})
}

// Tend gives each active channel that nobody watches a new watcher, and has broken channels looked at when it is
// time. It is run every 10 seconds by one node.
func (n *Networks) Tend(ctx context.Context) error {
	now := n.clock.Now()
	if err := n.tendHubs(ctx, now); err != nil {
		return fmt.Errorf("network.Tend: %w", err)
	}
	silent := now.Add(-silentAfter)
	any, err := n.anyUnwatched(ctx, silent, now)
	if err != nil {
		return fmt.Errorf("network.Tend: %w", err)
	}
	if !any {
		return nil
	}
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := n.unwatched(ctx, tx, silent)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			r.WatchGeneration++
			r.WatchBeat = now
			if err := n.updateChannel(ctx, tx, r); err != nil {
				return err
			}
			if err := n.addWatch(ctx, tx, r); err != nil {
				return err
			}
		}
		due, err := n.lookDue(ctx, tx, now)
		if err != nil || n.queue == nil {
			return err
		}
		for _, r := range due {
			if err := n.queue.Add(ctx, tx, lookJob{Company: r.Company, Channel: r.ID}, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("network.Tend: %w", err)
	}
	return nil
}

// watch is the handler of watchJob.
func (n *Networks) watch(ctx context.Context, j watchJob) error {
	w, err := n.newWatcher(ctx, j)
	if err == nil {
		err = w.run(ctx)
	}
	switch {
	case errors.Is(err, errOutrun), errors.Is(err, ErrGone), errors.Is(err, ErrNoChannel):
		return nil
	case errors.Is(err, errAgain):
		return queue.Again(0)
	case ctx.Err() != nil: // the house stops: the next start goes on here
		return queue.Again(0)
	}
	return err
}

// errAgain ends a run: another follows at once, with the credentials of that moment.
var errAgain = errors.New("network: watch again")

// watcher is one run of watching one channel.
type watcher struct {
	n       *Networks
	ch      Channel
	client  Client
	company team.Company
	cursor  string
	newsAt  time.Time
	rungAt  time.Time // when the channel's hub rang last
	backoff int       // failures in a row
	idle    int       // pages of history in a row that brought nothing

	pollAt    time.Time
	lookAt    time.Time
	refreshAt time.Time
	companyAt time.Time
	stillTo   time.Time // nothing is asked before
	cycle     [][]string
	rereadOff time.Time // what bells named is not read again before
	end       time.Time

	wake  chan struct{}
	mu    sync.Mutex
	rung  bool
	named []string // remote ids that bells named
}

func (n *Networks) newWatcher(ctx context.Context, j watchJob) (*watcher, error) {
	row, err := n.readChannel(ctx, j.Company, j.Channel)
	if err != nil {
		return nil, err
	}
	if row.WatchGeneration != j.Generation || row.State != Active || row.Credentials == "" {
		return nil, errOutrun
	}
	ch := row.channel()
	ch.watch = j.Generation
	client, err := n.open(row)
	if err != nil {
		n.log.Warn("a channel cannot be opened", "channel", ch.ID, "err", err)
		if p := ProblemOf(err); p.Verdict != Never {
			return nil, errors.Join(errOutrun, n.Failed(ctx, ch, p))
		}
		// A connector that this program does not have: one that does may take over.
		return nil, errors.Join(errOutrun, n.Failed(ctx, ch, &Problem{Verdict: Later, Key: ProblemUnsupported, Args: map[string]any{"host": host(ch.ServerURL)}}))
	}
	now := n.clock.Now()
	w := &watcher{
		n: n, ch: ch, client: client, cursor: row.ReadTo, newsAt: row.NewsAt, rungAt: row.Hub.Rung,
		pollAt: now, lookAt: row.NextLook, end: now.Add(watchFor), wake: make(chan struct{}, 1),
	}
	if calm := row.calmUntil(now); calm.After(now) {
		w.pollAt = calm
	}
	w.refreshAt = now.Add(refreshGap)
	if next := row.RefreshedAt.Add(refreshEvery); next.After(w.refreshAt) {
		w.refreshAt = next
	}
	return w, nil
}

// run watches until the run is over: errAgain, errOutrun, or our own trouble.
func (w *watcher) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	wg.Go(func() { w.live(ctx, cancel) })
	if w.ch.Traits.Stream {
		wg.Go(func() { w.listen(ctx) })
	}
	for {
		wait, err := w.step(ctx)
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if err != nil {
			return err
		}
		if !w.n.clock.Now().Before(w.end) && len(w.cycle) == 0 {
			return errAgain
		}
		t := time.NewTimer(min(wait, napMost))
		select {
		case <-t.C:
		case <-w.wake:
		case <-ctx.Done():
			t.Stop()
			return context.Cause(ctx)
		}
		t.Stop()
	}
}

// live keeps the beat, so that no other watcher is sent, and ends the run when one was, or when the house stops.
func (w *watcher) live(ctx context.Context, end context.CancelCauseFunc) {
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	for {
		alive, err := w.n.beat(ctx, w.ch, w.n.clock.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			w.n.log.Warn("the beat of a watcher could not be written", "channel", w.ch.ID, "err", err)
		case !alive:
			end(errOutrun)
			return
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		case <-w.n.stopping:
			end(errAgain) // reading can be broken off anywhere
			return
		}
	}
}

// listen keeps a stream open and turns what it rings into readings.
func (w *watcher) listen(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		began := w.n.clock.Now()
		err := w.client.Listen(ctx, w.ring)
		if ctx.Err() != nil {
			return
		}
		w.ring(Bell{}) // what happened while the stream broke is read now
		p := ProblemOf(err)
		if p != nil && p.Verdict != Later { // reading tells the same, and says so on screen
			return
		}
		if failures++; w.n.clock.Now().Sub(began) > time.Minute {
			failures = 1
		}
		asked := time.Duration(0)
		if p != nil {
			asked = p.RetryAfter
		}
		t := time.NewTimer(backoff(failures, asked, w.n.random()))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// ring notes a bell. It may be called from any goroutine.
func (w *watcher) ring(b Bell) {
	w.mu.Lock()
	w.rung = true
	for _, id := range b.RemoteIDs {
		if id != "" && len(w.named) < bellMost && !slices.Contains(w.named, id) {
			w.named = append(w.named, id)
		}
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// heard takes in what was rung since the last step.
func (w *watcher) heard(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rung {
		w.rung = false
		w.newsAt = now // whoever rings once rings twice: read again soon
		if soon := now.Add(bellGap); soon.Before(w.pollAt) {
			w.pollAt = soon
		}
	}
}

// step does what is due first and gives how long to wait for the next. Its errors end the run.
func (w *watcher) step(ctx context.Context) (time.Duration, error) {
	now := w.n.clock.Now()
	if now.Before(w.stillTo) {
		return w.stillTo.Sub(now), nil
	}
	w.heard(now)
	call, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	var err error
	switch {
	case !now.Before(w.companyAt):
		err = w.readCompany(ctx, now)
	case !now.Before(w.lookAt):
		err = w.look(call, now)
	case w.rereadDue(now):
		err = w.reread(call, w.takeNamed(), now)
	case !now.Before(w.pollAt):
		err = w.poll(call)
	case !now.Before(w.refreshAt):
		err = w.refresh(call, now)
	}
	if err != nil {
		return 0, err
	}
	next := w.pollAt
	for _, t := range []time.Time{w.lookAt, w.refreshAt, w.companyAt} {
		if t.Before(next) {
			next = t
		}
	}
	if w.stillTo.After(next) {
		next = w.stillTo
	}
	// Up to the next millisecond, so that what is due then is not found a moment too early.
	wait := next.Sub(w.n.clock.Now()) + time.Millisecond - 1
	return max(wait.Truncate(time.Millisecond), 0), nil
}

func (w *watcher) readCompany(ctx context.Context, now time.Time) error {
	c, err := w.n.team.Company(ctx, w.ch.Company)
	w.company, w.companyAt = c, now.Add(5*time.Minute)
	return err
}

func (w *watcher) look(ctx context.Context, now time.Time) error {
	w.lookAt = now.Add(time.Hour) // when it fails for now
	if err := w.n.lookWith(ctx, w.ch, w.client); err != nil {
		return err
	}
	row, err := w.n.readChannel(ctx, w.ch.Company, w.ch.ID)
	if err != nil {
		return err
	}
	if row.State != Active || row.WatchGeneration != w.ch.watch {
		return errOutrun
	}
	if row.NextLook.After(now) {
		w.lookAt = row.NextLook
	}
	return nil
}

// poll reads the next page and takes it in.
func (w *watcher) poll(ctx context.Context) error {
	began := w.n.clock.Now()
	page, err := w.client.Fetch(ctx, w.cursor)
	if err != nil {
		return w.failed(ctx, err)
	}
	page.asked = began
	res, err := w.n.Ingest(ctx, w.ch, page)
	if err != nil {
		return w.troubled(ctx, err)
	}
	w.backoff = 0
	now := w.n.clock.Now()
	news := res.New+res.Changed > 0
	if news {
		w.newsAt = now
	}
	moved := page.Cursor != "" && page.Cursor != w.cursor
	if moved {
		w.cursor = page.Cursor
	}
	more := page.More
	if w.idle++; news || !more {
		w.idle = 0
	}
	if more && !news && (!moved || w.idle >= idlePages) { // the server says there is more and gives the same
		more = false
	}
	wait := pause(page.Rate, more, now)
	if !more {
		wait = max(wait, min(page.Wait, longest), pace(now, w.newsAt, w.company.Settings.Hours, w.company.Location()))
		switch {
		case !w.ch.Health.Hub.Rings(now):
		case !news && now.Sub(w.rungAt) < hubSoon: // what the hub spoke of does not stand there yet
			wait = paceDay
		default:
			wait = max(wait, hubEvery)
		}
	}
	w.pollAt = now.Add(wait)
	if page.Rate.Remaining >= 0 && page.Rate.Remaining <= spare/3 {
		w.stillTo = w.pollAt // even small questions are too many now
	}
	return nil
}

// failed notes what a client said, and waits; a channel that broke ends the run.
func (w *watcher) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	p := *ProblemOf(err)
	if p.Verdict == Never { // reading is not something that can be wrong for ever
		p.Verdict = Later
	}
	if err := w.n.Failed(ctx, w.ch, &p); err != nil {
		return err
	}
	w.n.log.Info("a channel could not be read", "channel", w.ch.ID, "network", w.ch.Network, "err", err)
	if p.Verdict == Reconnect {
		// Broken now; or else the credentials were renewed elsewhere, and the next run tries those.
		row, err := w.n.readChannel(ctx, w.ch.Company, w.ch.ID)
		if err != nil {
			return err
		}
		if row.State != Active || row.WatchGeneration != w.ch.watch {
			return errOutrun
		}
		return errAgain
	}
	w.wait(p.RetryAfter)
	return nil
}

// troubled notes that what arrived could not be taken in. Nothing of it was kept and the cursor stands where it
// stood, so it comes again.
func (w *watcher) troubled(ctx context.Context, err error) error {
	if errors.Is(err, errOutrun) || errors.Is(err, ErrGone) || errors.Is(err, ErrNoChannel) {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	w.n.log.Error("what a channel brought could not be stored", "channel", w.ch.ID, slog.Any("err", err))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	w.wait(0)
	if err := w.n.Failed(ctx, w.ch, &Problem{Verdict: Later, Key: ProblemStoring, Err: err}); err != nil {
		w.n.log.Error("the trouble of a channel could not be written down", "channel", w.ch.ID, slog.Any("err", err))
	}
	return nil
}

func (w *watcher) wait(asked time.Duration) {
	w.backoff++
	w.stillTo = w.n.clock.Now().Add(backoff(w.backoff, asked, w.n.random()))
	w.pollAt = w.stillTo
}

func (w *watcher) rereadDue(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.named) > 0 && !now.Before(w.rereadOff)
}

func (w *watcher) takeNamed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := min(len(w.named), refreshPart)
	ids := slices.Clone(w.named[:k])
	w.named = slices.Delete(w.named, 0, k)
	return ids
}

// reread reads items again and takes in what is different.
func (w *watcher) reread(ctx context.Context, ids []string, now time.Time) error {
	items, err := w.client.Refresh(ctx, ids)
	if err != nil {
		w.rereadOff = now.Add(time.Minute)
		return w.failed(ctx, err)
	}
	if _, err := w.n.Ingest(ctx, w.ch, Page{Items: items}); err != nil {
		return w.troubled(ctx, err)
	}
	return nil
}

// refresh reads the next part of what is recent again.
func (w *watcher) refresh(ctx context.Context, now time.Time) error {
	if len(w.cycle) == 0 {
		ids, err := w.n.recent(ctx, w.ch, now.Add(-watchedFor), refreshMost)
		if err != nil {
			return err
		}
		w.cycle = slices.Collect(slices.Chunk(ids, refreshPart))
		if err := w.n.setRefreshed(ctx, w.ch, now); err != nil {
			return err
		}
		w.refreshAt = now.Add(refreshEvery)
		if len(w.cycle) == 0 {
			return nil
		}
	}
	ids := w.cycle[0]
	w.cycle = w.cycle[1:]
	if len(w.cycle) > 0 {
		w.refreshAt = now.Add(refreshGap)
	} else {
		w.refreshAt = now.Add(refreshEvery)
	}
	return w.reread(ctx, ids, now)
}
