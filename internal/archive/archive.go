package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

const importKind id.Kind = "imp"

// atOnce is how many things one transaction brings in.
const atOnce = 500

// Rooms are what this room stands on.
type Rooms struct {
	Store    *store.Store
	Clock    clock.Clock
	Team     *team.Team
	Networks *network.Networks
	Queue    *queue.Queue
	Live     *live.Hub
	Dir      string // the data folder: uploads lie in it while they are brought in
	Log      *slog.Logger
	History  History // nil: histories are not read by address
}

// Archives brings exports in.
type Archives struct{ rooms Rooms }

// New makes the room.
func New(r Rooms) *Archives {
	x := &Archives{rooms: r}
	r.Team.OnRemove(x.removeCompany)
	return x
}

// ImportIn says what to bring in.
type ImportIn struct {
	Paths []string
	Options
	// Progress is told after each transaction; nil: nobody is.
	Progress func(done, total int)

	upload UploadID // whose progress is noted with what comes in
}

// Result says what became of an export.
type Result struct {
	Report
	Channel network.Channel
	New     int
	Changed int
	Known   int
	Before  int // how many an earlier attempt had brought in when it was cut off
}

// Import brings an export in as past. It reads everything once before anything is touched, then again in parts, each with how far it came in one
// transaction. When it is cut off, the same again goes on: what is there already is known and stays as it is. It needs ChannelsManage.
func (x *Archives) Import(ctx context.Context, a team.Actor, in ImportIn) (Result, error) {
	res, err := x.run(ctx, a, in)
	if err != nil {
		return res, fmt.Errorf("archive.Import: %w", err)
	}
	return res, nil
}

func (x *Archives) run(ctx context.Context, a team.Actor, in ImportIn) (Result, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Result{}, err
	}
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return Result{}, err
	}
	if in.Zone == nil {
		in.Zone = company.Location()
	}
	src, form, o, err := prepare(ctx, in.Paths, in.Options)
	if err != nil {
		return Result{}, err
	}
	var res Result
	if res.Report, err = run(ctx, src, form, o, nil); err != nil {
		return res, err
	}
	switch {
	case res.Account.RemoteID == "":
		return res, ErrWhoseIsIt.With("names", strings.Join(res.Names, ", "))
	case res.Items == 0:
		return res, ErrNothing
	}
	res.Channel, err = x.rooms.Networks.OpenArchive(ctx, a, network.ArchiveIn{
		Network: res.Account.Network, ServerURL: res.Account.ServerURL, Account: res.Account.Account,
	})
	if err != nil {
		return res, err
	}
	mark, err := x.begin(ctx, a, in.upload, res)
	if err != nil {
		return res, err
	}
	res.Before = mark.before
	part := make([]network.Item, 0, atOnce)
	done := 0
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		done += len(part)
		got, err := x.rooms.Networks.IngestArchive(ctx, res.Channel, part, func(ctx context.Context, tx *store.Tx, r network.IngestResult) error {
			return x.came(ctx, tx, mark, done, r)
		})
		if err != nil {
			return err
		}
		res.New, res.Changed, res.Known = res.New+got.New, res.Changed+got.Changed, res.Known+got.Known
		if part = part[:0]; in.Progress != nil {
			in.Progress(done, res.Items)
		}
		return nil
	}
	o.found = nil // all of it has been found
	again, err := run(ctx, src, form, o, func(it network.Item) error {
		if part = append(part, it); len(part) < atOnce {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return res, err
	}
	if again.Digest != res.Digest {
		return res, ErrChanged
	}
	return res, x.finish(ctx, a, mark, res)
}

// marker is the row of one import.
type marker struct {
	id      string
	company team.CompanyID
	upload  UploadID // "" for the command line
	before  int
}

// begin notes that an export is being brought in, or takes up what an earlier attempt noted.
func (x *Archives) begin(ctx context.Context, a team.Actor, upload UploadID, res Result) (m marker, err error) {
	now := x.rooms.Clock.Now()
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row := importRow{
			ID: importKind.New(now), Company: a.Company, Channel: res.Channel.ID, Digest: res.Digest, Format: res.Format, Total: res.Items, StartedAt: now,
		}
		kept, err := x.keep(ctx, tx, row)
		if err != nil {
			return err
		}
		m = marker{id: kept.ID, company: a.Company, upload: upload}
		if kept.DoneAt.IsZero() {
			m.before = kept.Items
		}
		if upload == "" {
			return nil
		}
		u, err := x.holdUpload(ctx, tx, a.Company, upload)
		if err != nil {
			return err
		}
		if u.State.Over() {
			return errEnded
		}
		u.State, u.Found, u.Channel = Bringing, &res.Report, res.Channel.ID
		return errors.Join(x.saveUpload(ctx, tx, u), x.opened(ctx, tx, a.Company, upload, kept.ID), x.tell(ctx, tx, u))
	})
	return m, err
}

// finish notes that everything has been brought in.
func (x *Archives) finish(ctx context.Context, a team.Actor, m marker, res Result) error {
	return x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.whole(ctx, tx, m, x.rooms.Clock.Now()); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{
			Verb: "archive.imported", ObjectKind: "channel", ObjectID: string(res.Channel.ID),
			Detail: map[string]string{"format": string(res.Format), "items": fmt.Sprint(res.Items), "new": fmt.Sprint(res.New)},
		})
	})
}
