package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// bringJob brings in what was uploaded.
type bringJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Upload  UploadID       `json:"upload" river:"unique"`
}

// Kind implements queue.Job.
func (bringJob) Kind() string { return "archive.bring" }

type sweepJob struct{}

// Kind implements queue.Job.
func (sweepJob) Kind() string { return "archive.sweep" }

// mostTime is how long one import may take; a longer one goes on with what is there.
const mostTime = 12 * time.Hour

// Register adds the room's jobs to the queue.
func (x *Archives) Register(q *queue.Queue) {
	x.rooms.Queue = q
	queue.Handle(q, mostTime, func(ctx context.Context, j bringJob) error { return x.Bring(ctx, j.Company, j.Upload) })
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, _ sweepJob) error { return x.Sweep(ctx) })
	q.Every(time.Hour, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweepJob{})
}

// errEnded is why work stops on an upload that was cancelled, or whose company is gone.
var errEnded = errors.New("archive: the upload is over")

// Bring brings in what was uploaded, from where an earlier attempt was cut off. It may run twice; what is there already stays as it is.
func (x *Archives) Bring(ctx context.Context, c team.CompanyID, id UploadID) error {
	by := team.System(c)
	u, err := x.change(ctx, by, id, func(_ context.Context, _ *store.Tx, u *Upload) error {
		switch u.State {
		case Queued, Reading, Bringing:
			u.State = Reading
			return nil
		}
		return errEnded
	})
	switch {
	case errors.Is(err, errEnded), fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	}
	by.Member = u.By
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	seen := &sighting{}
	looking := make(chan struct{})
	go func() {
		defer close(looking)
		x.look(work, stop, u, seen)
	}()
	res, err := Result{}, x.collect(work, by, &u)
	if err == nil {
		res, err = x.run(work, by, ImportIn{
			Paths: []string{x.path(u)}, upload: id,
			Options: Options{Me: u.Said.Me, Network: u.Said.Network, Columns: u.Said.Columns, found: seen.now},
		})
	}
	ended := errors.Is(context.Cause(work), errEnded)
	stop(nil)
	<-looking
	switch {
	case ended:
		x.drop(u.ID)
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the house stops: it goes on when it starts again
	}
	return x.settle(ctx, by, u, res, err)
}

// sighting is what was found so far, handed from who reads to who tells.
type sighting struct{ report atomic.Pointer[Report] }

func (s *sighting) now(r Report) { s.report.Store(&r) }

// lookEvery is how often what was found is told, and whether to go on is asked.
const lookEvery = 700 * time.Millisecond

// look tells what was found so far, and stops the work when the upload is over.
func (x *Archives) look(ctx context.Context, stop context.CancelCauseFunc, u Upload, seen *sighting) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			on, err := x.foundMore(ctx, tx, u.Company, u.ID, seen.report.Swap(nil))
			if err == nil && !on {
				err = errEnded
			}
			return errors.Join(err, x.tell(ctx, tx, u))
		})
		if errors.Is(err, errEnded) {
			stop(errEnded)
			return
		}
	}
}

// settle writes down what became of an import.
func (x *Archives) settle(ctx context.Context, by team.Actor, u Upload, res Result, failure error) error {
	_, err := x.change(ctx, by, u.ID, func(ctx context.Context, tx *store.Tx, u *Upload) error {
		if u.State.Over() {
			return errEnded
		}
		if res.Digest != "" {
			u.Found = &res.Report
		}
		u.Channel = res.Channel.ID
		f := fault.Of(failure)
		switch {
		case failure == nil:
			x.end(tx, u, Done)
		case errors.Is(failure, ErrWhoseIsIt):
			u.State, u.Question = Asking, &Question{Names: res.Names}
		case errors.Is(failure, ErrNobody):
			names, _ := f.Args["names"].(string)
			u.State, u.Question = Asking, &Question{Names: strings.Split(names, ", "), Me: u.Said.Me}
		case errors.Is(failure, ErrColumns):
			p, err := Peek(x.path(*u))
			if err != nil {
				return err
			}
			u.State, u.Question = Asking, &Question{Table: &p}
		case errors.As(failure, new(uncollected)):
			u.Problem = &Trouble{Key: f.Key, Args: f.Args}
			x.end(tx, u, Failed)
		case f.Kind == fault.Invalid:
			u.Problem = x.trouble(*u, f)
			x.end(tx, u, Failed)
		default: // ours, or the disk's: the file stays, and a member may try again
			u.State, u.EndedAt, u.Problem = Failed, x.rooms.Clock.Now(), &Trouble{Key: errBroke.Key}
			if _, err := os.Stat(x.path(*u)); err != nil {
				u.Problem = &Trouble{Key: errLost.Key}
				x.end(tx, u, Failed)
			}
		}
		return nil
	})
	if errors.Is(err, errEnded) {
		return nil
	}
	if failure != nil && fault.KindOf(failure) != fault.Invalid && x.rooms.Log != nil {
		x.rooms.Log.Error("archive: an import did not work", "upload", u.ID, "error", failure)
	}
	if err != nil {
		return fmt.Errorf("archive.Bring: %w", err)
	}
	return nil
}

// trouble keeps a fault without the folder of this house.
func (x *Archives) trouble(u Upload, f *fault.Error) *Trouble {
	t := &Trouble{Key: f.Key, Args: map[string]any{}}
	path := x.path(u)
	for k, v := range f.Args {
		if s, ok := v.(string); ok {
			v = strings.ReplaceAll(s, path, u.Name)
		}
		t.Args[k] = v
	}
	return t
}

// Forget has forgotten what imports that are not through keep of somebody, in the transaction in which the person is erased: one whose file or
// question names them is ended, and of those that failed the file goes, in which they may stand, with what is said of it. aged: they were not
// erased because they asked, and only what names them goes. What was brought in belongs to other rooms; given again it stays out.
func (x *Archives) Forget(ctx context.Context, tx *store.Tx, c team.CompanyID, aged bool, named func(string) bool) error {
	waiting, err := x.waitingUploads(ctx, tx, c)
	if err != nil {
		return fmt.Errorf("archive.Forget: %w", err)
	}
	for _, u := range waiting {
		mine := u.names(named)
		switch {
		case u.State == Failed && (mine || !aged):
			x.end(tx, &u, Failed)
			u.Problem = nil
		case u.State != Failed && mine:
			x.end(tx, &u, Cancelled)
		default:
			continue
		}
		if err := errors.Join(x.saveUpload(ctx, tx, u), x.tell(ctx, tx, u)); err != nil {
			return fmt.Errorf("archive.Forget: %w", err)
		}
	}
	return nil
}

// names tells whether what is said of an upload names somebody.
func (u Upload) names(named func(string) bool) bool {
	said := []string{u.Name, u.Said.Me, u.Said.From}
	if q := u.Question; q != nil {
		said = append(append(said, q.Me), q.Names...)
		if q.Table != nil {
			for _, r := range q.Table.Rows {
				said = append(said, r...)
			}
		}
	}
	if u.Problem != nil {
		for _, v := range u.Problem.Args {
			if s, ok := v.(string); ok {
				said = append(said, s)
			}
		}
	}
	return slices.ContainsFunc(said, named)
}
