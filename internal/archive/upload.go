package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

const uploadKind id.Kind = "upl"

// UploadID names an upload.
type UploadID string

// ParseUploadID turns outside text into the id of an upload.
func ParseUploadID(s string) (UploadID, error) {
	v, err := uploadKind.Parse(s)
	if err != nil {
		return "", ErrNoUpload.Because(err)
	}
	return UploadID(v), nil
}

// UploadState is how far an upload is. It is stored in the database.
type UploadState string

// The states of an upload.
const (
	Arriving  UploadState = "arriving"  // its bytes come
	Queued    UploadState = "queued"    // it is there whole and waits for its turn
	Reading   UploadState = "reading"   // it is read for the first time; nothing has been brought in
	Bringing  UploadState = "bringing"  // it is being brought in
	Asking    UploadState = "asking"    // a member must say something first: Question
	Done      UploadState = "done"      // everything is in
	Failed    UploadState = "failed"    // it did not work: Problem
	Cancelled UploadState = "cancelled" // a member, or time, has ended it
)

// Over tells whether nothing more happens by itself and nothing is waited for.
func (s UploadState) Over() bool { return s == Done || s == Failed || s == Cancelled }

// MaxUpload is how large an export may be, in bytes; MaxChunk how much of it comes at once.
const (
	MaxUpload = 50 << 30
	MaxChunk  = 8 << 20
)

// mostOpen is how many uploads of a company may be under way.
const mostOpen = 5

// Upload is an export that a member gives through a door, from its first byte until everything is in.
type Upload struct {
	ID        UploadID // "" for one that came by the command line
	Company   team.CompanyID
	By        team.MemberID // "" for the command line
	Name      string        // of the file; "" once it is over
	Size      int64         // bytes
	Received  int64         // of these; where the next chunk begins
	State     UploadState
	Said      Said
	Found     *Report // what was found so far; without places in the file
	Question  *Question
	Problem   *Trouble
	Channel   network.ChannelID // "" until it is known
	Done      int               // of Found.Items, how many were brought in
	New       int               // of these, new
	Changed   int
	Known     int
	StartedAt time.Time
	TouchedAt time.Time
	EndedAt   time.Time // zero while it is not over
	// Kept tells that the file is still there, so that it can be tried again.
	Kept bool
}

// Said is what a member says about an export.
type Said struct {
	From    string            `json:"from,omitempty"` // the address of an account whose public history is read
	Me      string            `json:"me,omitempty"`
	Network string            `json:"network,omitempty"`
	Columns map[string]string `json:"columns,omitempty"` // from ours to the table's own
}

// Question is what must be known before an export can be brought in.
type Question struct {
	Names []string `json:"names,omitempty"` // which of these is the company? The first ones that were found
	Me    string   `json:"me,omitempty"`    // nobody is called so
	Table *Preview `json:"table,omitempty"` // which column is which?
}

// Trouble says why an import did not work, by a catalog key with a remedy.
type Trouble struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// The faults of uploads.
var (
	ErrNoUpload = fault.New(fault.NotFound, "archive.upload.missing")
	ErrSize     = fault.New(fault.Invalid, "archive.upload.size")    // nothing, or too much; args: most (GB)
	ErrBusy     = fault.New(fault.Conflict, "archive.upload.busy")   // too many under way; args: most
	ErrOffset   = fault.New(fault.Conflict, "archive.upload.offset") // a chunk that begins elsewhere; args: received
	ErrChunk    = fault.New(fault.Invalid, "archive.upload.chunk")   // nothing, too much at once or beyond the end; args: most (MB)
	ErrOver     = fault.New(fault.Conflict, "archive.upload.over")   // not in this state
	ErrSample   = fault.New(fault.Conflict, "archive.upload.sample") // nothing real belongs into the sample company
	ErrDisk     = fault.New(fault.Internal, "archive.upload.disk")   // full, or not to be written
	ErrSay      = fault.New(fault.Invalid, "archive.upload.say")     // an answer that does not answer
	errBroke    = fault.New(fault.Internal, "archive.upload.broke")  // our own trouble
	errLost     = fault.New(fault.Internal, "archive.upload.lost")   // the file is not there
)

// UploadIn describes the file that is going to come.
type UploadIn struct {
	Name string
	Size int64
	Said Said
}

// Begin makes room for an upload. It needs ChannelsManage.
func (x *Archives) Begin(ctx context.Context, a team.Actor, in UploadIn) (u Upload, err error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return u, err
	}
	if in.Size <= 0 || in.Size > MaxUpload {
		return u, ErrSize.With("most", MaxUpload>>30)
	}
	if err := in.Said.check(); err != nil {
		return u, err
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = x.open(ctx, tx, a, in)
		return err
	})
	if err != nil {
		return Upload{}, fmt.Errorf("archive.Begin: %w", err)
	}
	return u, nil
}

// open makes room for an upload.
func (x *Archives) open(ctx context.Context, tx *store.Tx, a team.Actor, in UploadIn) (Upload, error) {
	c, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return Upload{}, err
	}
	if c.Sample {
		return Upload{}, ErrSample
	}
	open, err := x.countOpen(ctx, tx, a.Company)
	if err != nil {
		return Upload{}, err
	}
	if open >= mostOpen {
		return Upload{}, ErrBusy.With("most", mostOpen)
	}
	now := x.rooms.Clock.Now()
	u := Upload{
		ID: UploadID(uploadKind.New(now)), Company: a.Company, By: a.Member, Name: fileName(in.Name), Size: in.Size, State: Arriving, Said: in.Said,
		StartedAt: now, TouchedAt: now, Kept: true,
	}
	if err := x.insertUpload(ctx, tx, u); err != nil {
		return Upload{}, err
	}
	return u, x.tell(ctx, tx, u)
}

// check looks at what a member says.
func (s Said) check() error {
	if len(s.Me) > 500 || len(s.Columns) > len(columns) {
		return ErrSay
	}
	if s.Network != "" && !networkName(s.Network) {
		return ErrNetwork.With("network", text.Cut(s.Network, 40))
	}
	for ours, theirs := range s.Columns {
		if !isColumn(ours) || len(theirs) > 500 {
			return ErrSay
		}
	}
	return nil
}

// fileName is the last part of a name, in a form that every disk takes.
func fileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	if ext := filepath.Ext(s); len(s) > 180 && len(ext) < 20 {
		s = strings.ToValidUTF8(s[:180-len(ext)], "") + ext
	} else if len(s) > 180 {
		s = strings.ToValidUTF8(s[:180], "")
	}
	if strings.Trim(s, ".") == "" {
		return "export"
	}
	return s
}

// folder is where uploads lie.
func (x *Archives) folder() string { return filepath.Join(x.rooms.Dir, "imports") }

// place is the folder of an upload, path its file.
func (x *Archives) place(id UploadID) string { return filepath.Join(x.folder(), string(id)) }
func (x *Archives) path(u Upload) string     { return filepath.Join(x.place(u.ID), u.Name) }

// Take takes in the next bytes of an upload: at is where they begin, which must be where the ones before ended. With the last ones the import
// begins. It needs ChannelsManage.
func (x *Archives) Take(ctx context.Context, a team.Actor, upload UploadID, at int64, body io.Reader) (Upload, error) {
	u, err := x.Upload(ctx, a, upload)
	if err != nil {
		return u, err
	}
	n, err := x.write(u, at, body)
	if err != nil {
		return u, fmt.Errorf("archive.Take: %w", err)
	}
	return x.change(ctx, a, upload, func(ctx context.Context, tx *store.Tx, u *Upload) error {
		if err := u.continues(at); err != nil {
			return err
		}
		if u.Received += n; u.Received < u.Size {
			return nil
		}
		u.State = Queued
		return x.rooms.Queue.Add(ctx, tx, bringJob{a.Company, u.ID}, queue.Options{Line: queue.Bring, Unique: true, MaxAttempts: 5})
	})
}

func (u Upload) continues(at int64) error {
	switch {
	case u.State != Arriving:
		return ErrOver
	case at != u.Received:
		return ErrOffset.With("received", u.Received)
	}
	return nil
}

// write puts bytes where they belong. Until the row says so they do not count.
func (x *Archives) write(u Upload, at int64, body io.Reader) (n int64, err error) {
	if err := u.continues(at); err != nil {
		return 0, err
	}
	path := x.path(u)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, disk(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return 0, disk(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if i, err := f.Stat(); err != nil || i.Size() < at {
		return 0, errLost.Because(err)
	}
	most := min(u.Size-at, MaxChunk)
	in := &said{r: io.LimitReader(body, most+1)}
	n, err = io.Copy(io.NewOffsetWriter(f, at), in)
	switch {
	case in.err != nil:
		return 0, in.err
	case err != nil:
		return 0, disk(err)
	case n == 0 || n > most:
		return 0, ErrChunk.With("most", MaxChunk>>20)
	}
	if err := f.Sync(); err != nil {
		return 0, disk(err)
	}
	return n, nil
}

// said remembers errors of a reader, to tell them from those of the disk.
type said struct {
	r   io.Reader
	err error
}

func (s *said) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func disk(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return ErrDisk.With("full", errno == syscall.ENOSPC || errno == syscall.EDQUOT || errno == syscall.EFBIG).Because(err)
	}
	return ErrDisk.Because(err)
}

// Answer says what an import asked for; it goes on. It needs ChannelsManage.
func (x *Archives) Answer(ctx context.Context, a team.Actor, upload UploadID, s Said) (Upload, error) {
	if err := s.check(); err != nil {
		return Upload{}, err
	}
	return x.change(ctx, a, upload, func(ctx context.Context, tx *store.Tx, u *Upload) error {
		if u.State != Asking || u.Question == nil {
			return ErrOver
		}
		if u.Question.Table == nil && strings.TrimSpace(s.Me) == "" || u.Question.Table != nil && s.Columns["time"] == "" {
			return ErrSay
		}
		if s.Me != "" {
			u.Said.Me = strings.TrimSpace(s.Me)
		}
		if s.Network != "" {
			u.Said.Network = s.Network
		}
		if s.Columns != nil {
			u.Said.Columns = s.Columns
		}
		return x.again(ctx, tx, u)
	})
}

// Again tries an import again that failed by no fault of its file. It needs ChannelsManage.
func (x *Archives) Again(ctx context.Context, a team.Actor, upload UploadID) (Upload, error) {
	return x.change(ctx, a, upload, func(ctx context.Context, tx *store.Tx, u *Upload) error {
		if u.State != Failed || !u.Kept {
			return ErrOver
		}
		return x.again(ctx, tx, u)
	})
}

func (x *Archives) again(ctx context.Context, tx *store.Tx, u *Upload) error {
	u.State, u.Question, u.Problem, u.EndedAt = Queued, nil, nil, time.Time{}
	return x.rooms.Queue.Add(ctx, tx, bringJob{u.Company, u.ID}, queue.Options{Line: queue.Bring, Unique: true, MaxAttempts: 5})
}

// Cancel ends an upload or import. What has been brought in until then stays; the file is removed. It needs ChannelsManage.
func (x *Archives) Cancel(ctx context.Context, a team.Actor, upload UploadID) (Upload, error) {
	return x.change(ctx, a, upload, func(ctx context.Context, tx *store.Tx, u *Upload) error {
		if u.State.Over() {
			return ErrOver
		}
		x.end(tx, u, Cancelled)
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "archive.cancelled", ObjectKind: "channel", ObjectID: string(u.Channel)})
	})
}

// end closes an upload and removes its file once that is certain.
func (x *Archives) end(tx *store.Tx, u *Upload, s UploadState) {
	u.State, u.EndedAt, u.Kept, u.Question = s, x.rooms.Clock.Now(), false, nil
	u.Name = ""
	tx.AfterCommit(func() { x.drop(u.ID) })
}

// drop removes what lies of an upload.
func (x *Archives) drop(id UploadID) {
	if id == "" {
		return // that would be all of them
	}
	if err := os.RemoveAll(x.place(id)); err != nil && x.rooms.Log != nil {
		x.rooms.Log.Warn("archive: a file that is no longer wanted stays", "error", err)
	}
}

// change changes one upload in a transaction and tells who looks at it.
func (x *Archives) change(ctx context.Context, a team.Actor, upload UploadID, f func(ctx context.Context, tx *store.Tx, u *Upload) error) (u Upload, err error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return u, err
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if u, err = x.holdUpload(ctx, tx, a.Company, upload); err != nil {
			return err
		}
		if err := f(ctx, tx, &u); err != nil {
			return err
		}
		u.TouchedAt = x.rooms.Clock.Now()
		if err := x.saveUpload(ctx, tx, u); err != nil {
			return err
		}
		return x.tell(ctx, tx, u)
	})
	if err != nil {
		return u, fmt.Errorf("archive: %w", err)
	}
	return u, nil
}

func (x *Archives) tell(ctx context.Context, tx *store.Tx, u Upload) error {
	if x.rooms.Live == nil {
		return nil
	}
	return x.rooms.Live.Tell(ctx, tx, live.Event{Company: string(u.Company), Topic: live.Imports, Ref: string(u.ID)})
}

// Upload gives one upload. It needs ChannelsManage.
func (x *Archives) Upload(ctx context.Context, a team.Actor, upload UploadID) (Upload, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Upload{}, err
	}
	u, err := x.readUpload(ctx, a.Company, upload)
	if err != nil {
		return u, fmt.Errorf("archive.Upload: %w", err)
	}
	return u, nil
}

// Uploads gives what is under way and what was brought in before, also by the command line, the latest first; at most 100. It needs ChannelsManage.
func (x *Archives) Uploads(ctx context.Context, a team.Actor) ([]Upload, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return nil, err
	}
	us, err := x.readUploads(ctx, a.Company)
	if err != nil {
		return nil, fmt.Errorf("archive.Uploads: %w", err)
	}
	return us, nil
}

// How long things are kept: an upload that nobody goes on with, a question that nobody answers, a failure.
const (
	idleFor = 3 * 24 * time.Hour
	askFor  = 7 * 24 * time.Hour
	failFor = 30 * 24 * time.Hour
)

// Sweep ends what nobody goes on with, and removes files that belong to nothing.
func (x *Archives) Sweep(ctx context.Context) error {
	now := x.rooms.Clock.Now()
	old, err := x.readOld(ctx, now)
	if err != nil {
		return fmt.Errorf("archive.Sweep: %w", err)
	}
	for _, o := range old {
		err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			u, err := x.holdUpload(ctx, tx, o.Company, o.ID)
			if err != nil || !u.TouchedAt.Equal(o.TouchedAt) {
				return err
			}
			if u.State.Over() {
				x.end(tx, &u, u.State)
				return x.deleteUpload(ctx, tx, u)
			}
			x.end(tx, &u, Cancelled)
			u.TouchedAt = now
			return errors.Join(x.saveUpload(ctx, tx, u), x.tell(ctx, tx, u))
		})
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return fmt.Errorf("archive.Sweep: %w", err)
		}
	}
	dirs, err := os.ReadDir(x.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("archive.Sweep: %w", err)
	}
	for _, d := range dirs {
		kept, err := x.keeps(ctx, UploadID(d.Name()))
		if err != nil {
			return fmt.Errorf("archive.Sweep: %w", err)
		}
		if !kept {
			x.drop(UploadID(d.Name()))
		}
	}
	return nil
}
