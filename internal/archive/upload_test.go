package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
)

// give uploads bytes in parts and gives the upload as it is then.
func give(t *testing.T, h *housetest.House, name string, b []byte, s archive.Said) archive.Upload {
	t.Helper()
	a := h.Actor(team.Owner)
	u, err := h.Archives.Begin(t.Context(), a, archive.UploadIn{Name: name, Size: int64(len(b)), Said: s})
	check(t, err)
	for part := max(len(b)/3, 1); u.State == archive.Arriving; {
		end := min(int(u.Received)+part, len(b))
		u, err = h.Archives.Take(t.Context(), a, u.ID, u.Received, bytes.NewReader(b[u.Received:end]))
		check(t, err)
	}
	return u
}

// work runs the job of an upload, as the queue would.
func work(t *testing.T, h *housetest.House, u archive.Upload) archive.Upload {
	t.Helper()
	check(t, h.Archives.Bring(t.Context(), u.Company, u.ID))
	return there(t, h, u)
}

func there(t *testing.T, h *housetest.House, u archive.Upload) archive.Upload {
	t.Helper()
	u, err := h.Archives.Upload(t.Context(), h.Actor(team.Owner), u.ID)
	check(t, err)
	return u
}

// lying counts the files of uploads in the data folder.
func lying(t *testing.T, h *housetest.House) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(h.Dir, "imports"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return nil
	})
	check(t, err)
	return n
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	return b
}

func TestAnUploadComesInPartsAndIn(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, a := t.Context(), h.Actor(team.Owner)
		b := content(t, googleExport().zip(t))
		u, err := h.Archives.Begin(ctx, a, archive.UploadIn{Name: `C:\Users\ada\..\takeout.zip`, Size: int64(len(b))})
		check(t, err)
		if u.Name != "takeout.zip" || u.State != archive.Arriving {
			t.Fatalf("%+v", u)
		}
		u, err = h.Archives.Take(ctx, a, u.ID, 0, bytes.NewReader(b[:10]))
		check(t, err)
		// The same part again, one from elsewhere, nothing, and more than was said.
		for at, part := range map[int64][]byte{0: b[:10], 11: b[11:], 5: b[5:]} {
			if _, err := h.Archives.Take(ctx, a, u.ID, at, bytes.NewReader(part)); !errors.Is(err, archive.ErrOffset) {
				t.Fatal(at, err)
			}
		}
		for _, part := range [][]byte{nil, append(bytes.Clone(b[10:]), 'x')} {
			if _, err := h.Archives.Take(ctx, a, u.ID, 10, bytes.NewReader(part)); !errors.Is(err, archive.ErrChunk) {
				t.Fatal(err)
			}
		}
		// A line that breaks off loses only its own part.
		if _, err := h.Archives.Take(ctx, a, u.ID, 10, &broken2{b[10:20]}); err == nil {
			t.Fatal("half a part was taken")
		}
		if u = there(t, h, u); u.Received != 10 {
			t.Fatalf("%+v", u)
		}
		u, err = h.Archives.Take(ctx, a, u.ID, 10, bytes.NewReader(b[10:]))
		check(t, err)
		if u.State != archive.Queued || lying(t, h) != 1 {
			t.Fatalf("%+v, %d files", u, lying(t, h))
		}
		u = work(t, h, u)
		if u.State != archive.Done || u.New != 3 || u.Done != 3 || u.Found.Format != archive.Google || u.Found.People != 2 || u.Name != "" || u.Channel == "" || u.EndedAt.IsZero() {
			t.Fatalf("%+v", u)
		}
		if n := lying(t, h); n != 0 {
			t.Fatalf("%d files are left", n)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewDone}); len(l.Conversations) != 2 {
			t.Fatalf("%d conversations", len(l.Conversations))
		}
		// The job once more changes nothing, nor does the file.
		if again := work(t, h, u); again.New != 3 || again.State != archive.Done {
			t.Fatalf("%+v", again)
		}
		if again := work(t, h, give(t, h, "takeout.zip", b, archive.Said{})); again.New != 0 || again.Known != 3 || again.State != archive.Done {
			t.Fatalf("%+v", again)
		}
		// The command line's are in the list, and each only once.
		bring(t, h, "Forno", save(t, "a.csv", []byte("time,author,text\n2020-01-02,Ada,ciao\n")))
		all, err := h.Archives.Uploads(ctx, a)
		check(t, err)
		if len(all) != 3 {
			t.Fatalf("%d in the list: %+v", len(all), all)
		}
	})
}

// broken2 gives some bytes and then breaks.
type broken2 struct{ b []byte }

func (b *broken2) Read(p []byte) (int, error) {
	if len(b.b) == 0 {
		return 0, errors.New("the line broke")
	}
	n := copy(p, b.b)
	b.b = b.b[n:]
	return n, nil
}

func TestWhoMayUpload(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		u := give(t, h, "a.csv", []byte("time,author,text\n2020-01-02,Ada,ciao\n"), archive.Said{Me: "x"})
		for _, role := range []team.Role{team.Community, team.Editor, team.Contributor, team.Guest} {
			a := h.Actor(role)
			_, begin := h.Archives.Begin(ctx, a, archive.UploadIn{Name: "a", Size: 1})
			_, take := h.Archives.Take(ctx, a, u.ID, 0, strings.NewReader("x"))
			_, look := h.Archives.Upload(ctx, a, u.ID)
			_, all := h.Archives.Uploads(ctx, a)
			_, answer := h.Archives.Answer(ctx, a, u.ID, archive.Said{Me: "y"})
			_, again := h.Archives.Again(ctx, a, u.ID)
			_, cancel := h.Archives.Cancel(ctx, a, u.ID)
			for i, err := range []error{begin, take, look, all, answer, again, cancel} {
				if fault.KindOf(err) != fault.Denied {
					t.Fatalf("%s, %d: %v", role, i, err)
				}
			}
		}
		for _, size := range []int64{0, -1, archive.MaxUpload + 1} {
			if _, err := h.Archives.Begin(ctx, h.Actor(team.Owner), archive.UploadIn{Name: "a", Size: size}); !errors.Is(err, archive.ErrSize) {
				t.Fatal(size, err)
			}
		}
		for range 10 {
			if _, err := h.Archives.Begin(ctx, h.Actor(team.Owner), archive.UploadIn{Name: "a", Size: 1}); errors.Is(err, archive.ErrBusy) {
				return
			}
		}
		t.Fatal("there is no end to uploads")
	})
}

func TestAnUploadAsks(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, a := t.Context(), h.Actor(team.Owner)
		u := work(t, h, give(t, h, "chat.zip", content(t, whatsappExport().zip(t)), archive.Said{}))
		if u.State != archive.Asking || strings.Join(u.Question.Names, "|") != "Ada Rossi|Il Forno" || lying(t, h) != 1 {
			t.Fatalf("%+v %+v", u, u.Question)
		}
		if _, err := h.Archives.Answer(ctx, a, u.ID, archive.Said{}); !errors.Is(err, archive.ErrSay) {
			t.Fatal(err)
		}
		u, err := h.Archives.Answer(ctx, a, u.ID, archive.Said{Me: "Nessuno"})
		check(t, err)
		if u = work(t, h, u); u.State != archive.Asking || u.Question.Me != "Nessuno" || len(u.Question.Names) != 2 {
			t.Fatalf("%+v %+v", u, u.Question)
		}
		u, err = h.Archives.Answer(ctx, a, u.ID, archive.Said{Me: "Il Forno"})
		check(t, err)
		if u = work(t, h, u); u.State != archive.Done || u.New != 4 || u.Question != nil {
			t.Fatalf("%+v", u)
		}
		u = work(t, h, give(t, h, "sondaggio.csv", []byte(foreignTable), archive.Said{}))
		if u.State != archive.Asking || u.Question.Table == nil || u.Question.Table.Guess["time"] != "Data e ora" {
			t.Fatalf("%+v", u)
		}
		if _, err := h.Archives.Answer(ctx, a, u.ID, archive.Said{Columns: map[string]string{"text": "Messaggio"}}); !errors.Is(err, archive.ErrSay) {
			t.Fatal(err)
		}
		u, err = h.Archives.Answer(ctx, a, u.ID, archive.Said{Me: "Il Forno", Network: "sondaggio", Columns: u.Question.Table.Guess})
		check(t, err)
		if u = work(t, h, u); u.State != archive.Done || u.New != 2 || u.Found.Account.Network != "sondaggio" {
			t.Fatalf("%+v", u)
		}
	})
}

func TestAnUploadThatDoesNotWork(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		b := content(t, googleExport().zip(t))
		u := work(t, h, give(t, h, "half.zip", b[:len(b)/2], archive.Said{}))
		if u.State != archive.Failed || u.Problem == nil || u.Problem.Key != "archive.damaged" || u.Problem.Args["file"] != "half.zip" || u.Kept || lying(t, h) != 0 {
			t.Fatalf("%+v %+v", u, u.Problem)
		}
		if strings.Contains(fmt.Sprint(u.Problem.Args), h.Dir) {
			t.Fatal("the house's folder is told")
		}
		// A file that is gone by no fault of its own.
		u = give(t, h, "whole.zip", b, archive.Said{})
		check(t, os.RemoveAll(filepath.Join(h.Dir, "imports")))
		if u = work(t, h, u); u.State != archive.Failed || u.Kept {
			t.Fatalf("%+v %+v", u, u.Problem)
		}
		if _, err := h.Archives.Again(t.Context(), h.Actor(team.Owner), u.ID); !errors.Is(err, archive.ErrOver) {
			t.Fatal(err)
		}
	})
}

// long is a table of n things.
func long(n int) []byte {
	var b strings.Builder
	b.WriteString("id,time,author,text\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,2020-01-02T03:04:05Z,Ada %d,domanda %d\n", i, i%40, i)
	}
	return []byte(b.String())
}

// A house that stops in the middle goes on where it was, and says in the end what came in as if nothing had been.
func TestAnImportSurvivesARestart(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		const n = 6000
		u := give(t, h, "a.csv", long(n), archive.Said{Me: "Forno"})
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			defer stop()
			for ctx.Err() == nil {
				if u, err := h.Archives.Upload(ctx, h.Actor(team.Owner), u.ID); err == nil && u.Done >= 1000 {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		if err := h.Archives.Bring(ctx, u.Company, u.ID); err == nil {
			t.Skip("it was too fast to be stopped")
		}
		half := there(t, h, u)
		if half.State != archive.Bringing || half.Done < 1000 || half.Done == n || lying(t, h) != 1 {
			t.Fatalf("%+v", half)
		}
		if u = work(t, h, u); u.State != archive.Done || u.New != n || u.Done != n || u.Known != 0 || lying(t, h) != 0 {
			t.Fatalf("%+v", u)
		}
	})
}

func TestAnImportIsCancelled(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		const n = 20_000
		a := h.Actor(team.Owner)
		u := give(t, h, "a.csv", long(n), archive.Said{Me: "Forno"})
		done := make(chan error, 1)
		go func() { done <- h.Archives.Bring(t.Context(), u.Company, u.ID) }()
		for there(t, h, u).Done < 500 {
			time.Sleep(time.Millisecond)
		}
		c, err := h.Archives.Cancel(t.Context(), a, u.ID)
		check(t, err)
		check(t, <-done)
		if c.State != archive.Cancelled || there(t, h, u).State != archive.Cancelled || lying(t, h) != 0 {
			t.Fatalf("%+v", c)
		}
		u = there(t, h, u)
		if u.New == 0 || u.New >= n {
			t.Fatalf("%d came in", u.New)
		}
		if _, err := h.Archives.Cancel(t.Context(), a, u.ID); !errors.Is(err, archive.ErrOver) {
			t.Fatal(err)
		}
		// What arrives is cancelled too.
		u, err = h.Archives.Begin(t.Context(), a, archive.UploadIn{Name: "b.csv", Size: 10})
		check(t, err)
		_, err = h.Archives.Take(t.Context(), a, u.ID, 0, strings.NewReader("abc"))
		check(t, err)
		_, err = h.Archives.Cancel(t.Context(), a, u.ID)
		check(t, err)
		if _, err = h.Archives.Take(t.Context(), a, u.ID, 3, strings.NewReader("def")); !errors.Is(err, archive.ErrOver) || lying(t, h) != 0 {
			t.Fatal(err)
		}
	})
}

func TestUploadsAreSwept(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		a := h.Actor(team.Owner)
		idle, err := h.Archives.Begin(t.Context(), a, archive.UploadIn{Name: "a.csv", Size: 10})
		check(t, err)
		_, err = h.Archives.Take(t.Context(), a, idle.ID, 0, strings.NewReader("abc"))
		check(t, err)
		asking := work(t, h, give(t, h, "chat.zip", content(t, whatsappExport().zip(t)), archive.Said{}))
		done := work(t, h, give(t, h, "r.zip", content(t, googleExport().zip(t)), archive.Said{}))
		check(t, os.MkdirAll(filepath.Join(h.Dir, "imports", "upl_nothing"), 0o700))
		check(t, h.Archives.Sweep(t.Context()))
		if there(t, h, idle).State != archive.Arriving || lying(t, h) != 2 {
			t.Fatal("swept too early")
		}
		h.Clock.Advance(4 * 24 * time.Hour)
		check(t, h.Archives.Sweep(t.Context()))
		if there(t, h, idle).State != archive.Cancelled || there(t, h, asking).State != archive.Asking || lying(t, h) != 1 {
			t.Fatal("an upload that nobody goes on with stays")
		}
		h.Clock.Advance(4 * 24 * time.Hour)
		check(t, h.Archives.Sweep(t.Context()))
		if u := there(t, h, asking); u.State != archive.Cancelled || u.Question != nil || lying(t, h) != 0 {
			t.Fatalf("%+v", u)
		}
		h.Clock.Advance(40 * 24 * time.Hour)
		check(t, h.Archives.Sweep(t.Context()))
		if _, err := h.Archives.Upload(t.Context(), a, idle.ID); !errors.Is(err, archive.ErrNoUpload) {
			t.Fatal(err)
		}
		there(t, h, done)
		if dirs, err := os.ReadDir(filepath.Join(h.Dir, "imports")); err != nil || len(dirs) != 0 {
			t.Fatal(dirs, err)
		}
	})
}

// Connecting an account after its archive makes one channel of both: what is there stays once, and what is new waits.
func TestConnectingAfterTheArchiveJoins(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, a := t.Context(), h.Actor(team.Owner)
		const handle = "bottega.example"
		h.Fake.Join(handle)
		ada := h.Fake.Stranger("ada.example", handle)
		old, err := ada.Mention(ctx, "@"+handle+" il pane era freddo")
		check(t, err)
		server := h.Fake.Server()
		past, err := h.Networks.OpenArchive(ctx, a, network.ArchiveIn{Network: server.Network, ServerURL: server.URL, Account: network.Account{RemoteID: "https://" + handle + "/actor", Handle: handle}})
		check(t, err)
		known := network.Item{
			RemoteID: old, Kind: network.KindMention, Visibility: network.Public, Text: "@" + handle + " il pane era freddo", Version: "archive", At: h.Clock.Now().Add(-time.Hour),
			Author: network.Author{RemoteID: "account:ada.example", Handle: "ada.example"},
		}
		before := known
		before.RemoteID, before.Text, before.At = "long-ago", "@"+handle+" siete aperti?", day
		_, err = h.Networks.IngestArchive(ctx, past, []network.Item{known, before}, nil)
		check(t, err)
		live, err := h.Networks.ConnectPassword(ctx, a, server, handle, networktest.AppPassword)
		check(t, err)
		if live.ID != past.ID || live.Archive || live.State != network.Active {
			t.Fatalf("a second channel: %+v", live)
		}
		h.Clock.Advance(time.Hour)
		_, err = ada.Mention(ctx, "@"+handle+" e adesso?")
		check(t, err)
		client, ch, err := h.Networks.Client(ctx, h.Company.ID, live.ID)
		check(t, err)
		page, err := client.Fetch(ctx, "")
		check(t, err)
		_, err = h.Networks.Ingest(ctx, ch, page)
		check(t, err)
		l := list(t, h, inbox.Filter{View: inbox.ViewAll, Channel: live.ID})
		if len(l.Conversations) != 3 {
			t.Fatalf("%d conversations, want three", len(l.Conversations))
		}
		if people, _, err := h.Audience.Find(ctx, a, "Ada", "", 10); err != nil || len(people) != 1 {
			t.Fatalf("%d people %v", len(people), err)
		}
		if todo := list(t, h, inbox.Filter{View: inbox.ViewTodo, Channel: live.ID}); len(todo.Conversations) == 0 {
			t.Fatal("what is new waits for nobody")
		}
	})
}

// Whoever was erased stays out, however often the archive is brought in again.
func TestAnErasedPersonStaysOut(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		path := googleExport().zip(t)
		bring(t, h, "", path)
		found := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "freddo"})
		who := found.Identities[found.Conversations[0].Identity]
		c, err := h.Audience.Erase(ctx, h.Actor(team.Owner), who.Person, audience.EraseIn{Name: who.Name})
		check(t, err)
		for more := c.State == audience.ErasureRunning; more; {
			more, err = h.Audience.Continue(ctx, c.ID)
			check(t, err)
		}
		for _, again := range []func() int{
			func() int { return bring(t, h, "", path).New },
			func() int { return work(t, h, give(t, h, "x.zip", content(t, path), archive.Said{})).New },
		} {
			if n := again(); n != 0 {
				t.Fatalf("%d things came back", n)
			}
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "freddo"}); len(l.Conversations) != 0 {
			t.Fatalf("they are back: %+v", l.Conversations)
		}
		if people, _, err := h.Audience.Find(ctx, h.Actor(team.Owner), "Ada R.", "", 10); err != nil || len(people) != 0 {
			t.Fatalf("%+v %v", people, err)
		}
	})
}
