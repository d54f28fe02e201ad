package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
)

// IngestResult counts what became of the items of a page.
type IngestResult struct {
	New     int // never seen before
	Changed int // seen before, and different now
	Known   int // seen before as they are
}

// watchedFor is how long something is read again, after it was written, to notice edits and deletions.
const watchedFor = 48 * time.Hour

// errOutrun: another watcher has taken this one's place, or the channel is no longer to be watched.
var errOutrun = errors.New("network: watched by another")

// Ingest takes in one page: what is new or has changed goes to the receiver, and the page's cursor is kept, in one
// transaction. A page without a cursor leaves the kept one alone. Whatever was taken in before, in whatever order and
// however often it comes, is not taken in again. A channel that is gone takes in nothing (ErrGone).
func (n *Networks) Ingest(ctx context.Context, ch Channel, page Page) (IngestResult, error) {
	items := fold(page.Items)
	var res IngestResult
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil {
			return err
		}
		if row.State == Gone {
			return ErrGone
		}
		if ch.watch != 0 && (row.WatchGeneration != ch.watch || row.State != Active) {
			return errOutrun
		}
		now := n.clock.Now()
		if res, err = n.takeIn(ctx, tx, row.channel(), items, now); err != nil {
			return err
		}
		return n.settlePage(ctx, tx, row, page, res, now)
	})
	if err != nil {
		return IngestResult{}, fmt.Errorf("network.Ingest: %w", err)
	}
	return res, nil
}

// IngestTold takes in what others brought by themselves, without having been asked, in one transaction with what also writes. It says nothing
// of how the channel does, and leaves its cursor alone. What belongs to people who were erased counts as nothing at all.
func (n *Networks) IngestTold(ctx context.Context, ch Channel, items []Item, also func(ctx context.Context, tx *store.Tx, res IngestResult) error) (IngestResult, error) {
	items = fold(items)
	var res IngestResult
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil {
			return err
		}
		if row.State == Gone {
			return ErrGone
		}
		now := n.clock.Now()
		if res, err = n.takeIn(ctx, tx, row.channel(), items, now); err != nil {
			return err
		}
		if row.Items += res.New; res.New > 0 {
			if err := n.updateChannel(ctx, tx, row); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(ctx, tx, res)
	})
	if err != nil {
		return IngestResult{}, fmt.Errorf("network.IngestTold: %w", err)
	}
	return res, nil
}

// takeIn gives what is new or has changed to the receiver. The channel's row is locked.
func (n *Networks) takeIn(ctx context.Context, tx *store.Tx, ch Channel, items []Item, now time.Time) (res IngestResult, err error) {
	if items, err = n.admit(ctx, tx, ch, items); err != nil {
		return res, err
	}
	outcome, err := n.mark(ctx, tx, ch, items, now)
	if err != nil {
		return res, err
	}
	news := make([]Item, 0, len(outcome))
	for i := range items {
		switch outcome[items[i].RemoteID] {
		case markedNew:
			res.New++
		case markedChanged:
			res.Changed++
		default:
			res.Known++
			continue
		}
		news = append(news, items[i])
	}
	if len(news) == 0 || n.receiver == nil {
		return res, nil
	}
	if err := n.receiver.Receive(ctx, tx, ch, news); err != nil {
		return res, err
	}
	for _, f := range n.heard {
		if err := f(ctx, tx, ch, news); err != nil {
			return res, err
		}
	}
	return res, nil
}

// settlePage writes on the channel what a page brought.
func (n *Networks) settlePage(ctx context.Context, tx *store.Tx, row *channelRow, page Page, res IngestResult, now time.Time) error {
	row.Items += res.New
	if res.New+res.Changed > 0 {
		row.NewsAt = now
	}
	tell := false
	if page.Hub != nil {
		before := row.Hub
		if err := n.heedHub(ctx, tx, row, *page.Hub); err != nil {
			return err
		}
		tell = row.Hub != before
	}
	if page.Cursor != "" {
		row.ReadTo = page.Cursor
		if row.PolledAt = page.asked; page.asked.IsZero() {
			row.PolledAt = now
		}
		if !page.More && !row.BackfillDone {
			row.BackfillDone, tell = true, true
		}
	}
	if row.State == Active {
		tell = tell || row.ProblemKey != ""
		row.LastSuccess, row.LastAttempt = now, now
		row.clearProblem()
	}
	if err := n.updateChannel(ctx, tx, row); err != nil || !tell {
		return err
	}
	return n.tell(ctx, tx, row.channel())
}

// fold leaves one item for each remote id, the one that came last, in the order in which they first came, and takes
// out what no database keeps. Items without an id cannot be told apart and are left out.
func fold(items []Item) []Item {
	place := make(map[string]int, len(items))
	out := make([]Item, 0, len(items))
	for _, it := range items {
		scrubItem(&it)
		if it.RemoteID == "" {
			continue
		}
		if i, there := place[it.RemoteID]; there {
			out[i] = it
			continue
		}
		place[it.RemoteID] = len(out)
		out = append(out, it)
	}
	return out
}

func scrubItem(it *Item) {
	for _, s := range []*string{
		&it.RemoteID, &it.ParentID, &it.RootID, &it.ThreadKey, &it.Text, &it.HTML, &it.Warning, &it.Language, &it.URL, &it.Version,
	} {
		*s = scrub(*s)
	}
	scrubAuthor(&it.Author)
	for i := range it.Mentions {
		scrubAuthor(&it.Mentions[i])
	}
	for i := range it.Media {
		m := &it.Media[i]
		m.URL, m.PreviewURL, m.Alt = scrub(m.URL), scrub(m.PreviewURL), scrub(m.Alt)
	}
	it.At, it.EditedAt = sane(it.At), sane(it.EditedAt)
}

func scrubAuthor(a *Author) {
	a.RemoteID, a.Handle, a.Name, a.URL, a.AvatarURL = scrub(a.RemoteID), scrub(a.Handle), scrub(a.Name), scrub(a.URL), scrub(a.AvatarURL)
}

// sane brings a time to the house's form; years that no database keeps become no time at all.
func sane(t time.Time) time.Time {
	if y := t.Year(); y < 1970 || y > 9999 {
		return time.Time{}
	}
	return clock.Trim(t)
}
