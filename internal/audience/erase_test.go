package audience_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// networksToTry are those on which people are known in different ways.
var networksToTry = []network.Name{"fake", network.Mastodon}

// elsewhere are words that a network has no place for, or that leave a house sealed.
var elsewhere = map[network.Name][]string{
	"fake":           {z("answer")},
	network.Mastodon: {z("answer"), z("did"), z("unseen")},
}

// erase has her erased, with the file of the database rewritten behind it, and goes on until nothing is left to do.
func (f *filled) erase(t testing.TB) audience.Certificate {
	t.Helper()
	ctx := t.Context()
	c := must[audience.Certificate](t)(f.Audience.Erase(ctx, f.Actor(team.Community), f.person, audience.EraseIn{Name: strings.ToUpper(f.name), Reference: "Lettera  del 2 marzo"}))
	for more := c.State == audience.ErasureRunning; more; {
		more = must[bool](t)(f.Audience.Continue(ctx, c.ID))
	}
	ok(t, f.Audience.Clean(ctx))
	f.Clock.Advance(48 * time.Hour)
	must[any](t)(f.Media.Sweep(ctx, 24*time.Hour))
	return must[audience.Certificate](t)(f.Audience.Certificate(ctx, f.Actor(team.Community), c.Number))
}

// The promise: everything that the house has of a person goes, from every table, from the index, from every file and from
// what is logged, and nothing brings it back. What is about others stays.
func TestErasureLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, net := range networksToTry {
		t.Run(string(net), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				f := fillAmong(t, s, net, 1500)
				before, kept := look(t, f.House, theirs, f.log), look(t, f.House, stays, f.log)
				for _, w := range planted(t) {
					if before[w] == nil && !slices.Contains(elsewhere[net], w) {
						t.Errorf("%s was nowhere: that it is gone means nothing", w)
					}
				}
				f.erase(t)
				if left := look(t, f.House, theirs, f.log); len(left) > 0 {
					t.Errorf("is left:%s", left)
				}
				if left := lookInFiles(t, f.House, part); len(left) > 0 {
					t.Errorf("is left in files:%s", left)
				}
				after := look(t, f.House, stays, f.log)
				for w, where := range kept {
					for x := range where {
						// What was frozen to go out named her: the post is a draft again, its words stand in the draft.
						if !after[w][x] && x != "post_variant.frozen" {
							t.Errorf("%s is gone from %s", w, x)
						}
					}
				}
				f.readAgain(t)
				if left := look(t, f.House, theirs, f.log); len(left) > 0 {
					t.Errorf("the network brought back:%s", left)
				}
			})
		})
	}
}

// readAgain has the network bring again all that it ever brought, and more of hers, in parts and as a whole.
func (f *filled) readAgain(t testing.TB) {
	t.Helper()
	items := slices.Clone(f.items)
	for i := range items {
		if items[i].Mine || items[i].Author.RemoteID == f.ada().RemoteID {
			items[i].Version = "9"
		}
	}
	ada := f.ada()
	items = append(items,
		network.Item{RemoteID: f.uri("fresh"), Author: ada, Kind: network.KindMention, Text: "Sono ancora io " + z("fresh"), At: f.Clock.Now(), Version: "1"},
		network.Item{
			RemoteID: "bob:9", Author: f.other("bob"), Kind: network.KindReply, ParentID: f.uri("fresh"), RootID: f.uri("fresh"),
			Text: "@" + ada.Handle + " dice bene", Mentions: []network.Author{ada}, At: f.Clock.Now(), Version: "1",
		},
		network.Item{RemoteID: f.uri("first"), Deleted: true, At: f.Clock.Now(), Version: "10"},
	)
	for _, it := range items {
		must[network.IngestResult](t)(f.Networks.Ingest(t.Context(), f.Channel, network.Page{Items: []network.Item{it}}))
	}
	must[network.IngestResult](t)(f.Networks.Ingest(t.Context(), f.Channel, network.Page{Items: items}))
	f.Read()
}

// Each room is missed when it is left out: the test above would see it.
func TestEveryRoomIsMissed(t *testing.T) {
	t.Parallel()
	rooms := fill(t, storetest.SQLite(t), "fake").Audience.Rooms()
	if len(rooms) != 11 {
		t.Fatalf("%v", rooms)
	}
	for _, room := range rooms {
		t.Run(room, func(t *testing.T) {
			t.Parallel()
			f := fill(t, storetest.SQLite(t), "fake")
			f.Audience.LeaveOut(room)
			before := look(t, f.House, theirs, f.log)
			f.erase(t)
			left := look(t, f.House, theirs, f.log)
			if room == "presence" { // it keeps counts and places, and no words
				if p, err := f.Presence.Portrait(t.Context(), f.Actor(team.Owner)); err != nil || p == nil {
					t.Errorf("a portrait with them was dropped by nobody: %v, %v", p, err)
				}
				return
			}
			if room == "once" { // what it keeps is sealed
				if n := countReplays(t, f); n == 0 {
					t.Error("an answer to a program was forgotten by nobody")
				}
				return
			}
			if len(left) == 0 || len(before) == 0 {
				t.Errorf("nothing is left without %s", room)
			}
		})
	}
}

// countReplays counts answers to programs that can still be given again.
func countReplays(t testing.TB, f *filled) int {
	t.Helper()
	n := 0
	ok(t, f.Store.Snapshot(t.Context(), func(ctx context.Context) error {
		tables, err := f.Store.Tables(ctx)
		if err != nil {
			return err
		}
		for _, table := range tables {
			at := slices.IndexFunc(table.Columns, func(c store.Column) bool { return c.Name == "response" })
			if table.Name != "api_idempotency" || at < 0 {
				continue
			}
			return f.Store.Rows(ctx, table, func(row []any) error {
				if s, _ := row[at].(string); s != "" {
					n++
				}
				return nil
			})
		}
		return errors.New("no such table")
	}))
	return n
}

// What is foreseen is what the certificate says afterwards; looking changes nothing.
func TestPreviewErase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := fill(t, s, "fake")
		ctx, actor := t.Context(), f.Actor(team.Community)
		before := look(t, f.House, theirs, f.log)
		foreseen := must[audience.Forecast](t)(f.Audience.PreviewErase(ctx, actor, f.person))
		if diff := cmp.Diff(foreseen, must[audience.Forecast](t)(f.Audience.PreviewErase(ctx, actor, f.person))); diff != "" {
			t.Errorf("looking twice: %s", diff)
		}
		if after := look(t, f.House, theirs, f.log); len(before) == 0 || cmp.Diff(before, after) != "" {
			t.Errorf("looking changed something: %s", cmp.Diff(before, after))
		}
		if cs := must[[]audience.Certificate](t)(f.Audience.Certificates(ctx, actor, 0, 10)); len(cs) != 0 {
			t.Errorf("%+v", cs)
		}
		if head := must[[]byte](t)(f.Growth.Checkpoint(ctx, f.Company.ID)); !bytes.Equal(head, f.record) {
			t.Error("looking wrote into the record")
		}
		c := f.erase(t)
		if diff := cmp.Diff(audience.Forecast{Erased: c.Erased, Stays: c.Stays}, foreseen); diff != "" {
			t.Errorf("what was foreseen is not what happened: %s", diff)
		}
	})
}

// The certificate says how much went and what stays, and nothing of whom.
func TestCertificate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := fill(t, s, "fake")
		ctx := t.Context()
		if n := countReplays(t, f); n != 2 {
			t.Fatalf("%d answers to programs are kept", n)
		}
		c := f.erase(t)
		if n := countReplays(t, f); n != 0 {
			t.Errorf("%d answers to programs are kept", n)
		}
		if c.Number != 1 || c.State != audience.ErasureDone || c.Aged || c.People != 1 || c.By != f.Actor(team.Community).Member || c.Reference != "Lettera del 2 marzo" {
			t.Errorf("%+v", c)
		}
		if (s.Dialect() == store.SQLite) == c.CleanedAt.IsZero() {
			t.Errorf("cleaned at %v", c.CleanedAt)
		}
		for _, k := range audience.ErasedKinds {
			if c.Erased[k] == 0 {
				t.Errorf("no %s were counted", k)
			}
		}
		for k, want := range map[audience.ErasedKind]int{
			audience.ErasedAccounts: 3, audience.ErasedConversations: 6, audience.ErasedLetters: 1, audience.ErasedQuotes: 1, audience.ErasedFiles: 1,
		} {
			if c.Erased[k] != want {
				t.Errorf("%d %s, want %d", c.Erased[k], k, want)
			}
		}
		stays := map[audience.StayKind]audience.Stay{}
		for _, x := range c.Stays {
			stays[x.Kind] = x
		}
		if r := stays[audience.StayRecord]; r.N == 0 || len(r.Refs) != r.N || stays[audience.StayMarks].N < 10 || stays[audience.StayDeed].N != 1 {
			t.Errorf("%+v", c.Stays)
		}
		list := must[[]audience.Certificate](t)(f.Audience.Certificates(ctx, f.Actor(team.Owner), 0, 10))
		if len(list) != 1 || list[0].Number != 1 {
			t.Errorf("%+v", list)
		}
		if _, err := f.Audience.Person(ctx, f.Actor(team.Owner), f.person); fault.KindOf(err) != fault.NotFound {
			t.Errorf("she is still there: %v", err)
		}
		// The record goes on from what it said before.
		head := must[[]byte](t)(f.Growth.Checkpoint(ctx, f.Company.ID))
		if string(head) == string(f.record) {
			t.Error("the record does not say that something was erased")
		}
		if _, err := f.Growth.ReadAsked(ctx, f.token); fault.KindOf(err) != fault.NotFound {
			t.Errorf("her link is still good: %v", err)
		}
	})
}

// What somebody writes is taken in again once a member allows it; until then the certificate says that something came.
func TestAllow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := fill(t, s, "fake")
		ctx, actor := t.Context(), f.Actor(team.Community)
		c := f.erase(t)
		if !c.RefusedAt.IsZero() {
			t.Fatalf("%+v", c)
		}
		fresh := func(id string) network.Item {
			return network.Item{RemoteID: f.uri(id), Author: f.ada(), Kind: network.KindMention, Text: "Eccomi " + id, At: f.Clock.Now(), Version: "1"}
		}
		f.bring(t, fresh("again"))
		if p, _, err := f.Audience.Find(ctx, actor, z("name"), "", 10); err != nil || len(p) != 0 {
			t.Fatalf("%v, %v", p, err)
		}
		if c = must[audience.Certificate](t)(f.Audience.Certificate(ctx, actor, 1)); c.RefusedAt.IsZero() {
			t.Error("the certificate does not say that something came")
		}
		ok(t, f.Audience.Allow(ctx, actor, 1))
		f.bring(t, fresh("back"))
		if p, _, err := f.Audience.Find(ctx, actor, z("name"), "", 10); err != nil || len(p) != 1 {
			t.Fatalf("%v, %v", p, err)
		}
		if err := f.Audience.Allow(ctx, actor, 1); fault.KindOf(err) != fault.Conflict {
			t.Errorf("allowed twice: %v", err)
		}
		if _, err := f.Audience.Certificate(ctx, actor, 2); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

// The export holds what erasing takes, as far as it is hers or about her.
func TestExport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := fill(t, s, "fake")
		ctx := t.Context()
		b := must[*audience.Bundle](t)(f.Audience.Export(ctx, f.Actor(team.Community), f.person))
		catalog := must[*i18n.Catalog](t)(i18n.Load())
		for _, lang := range i18n.Langs {
			var raw bytes.Buffer
			ok(t, b.WriteZip(ctx, &raw, catalog.For(lang), f.Company))
			z := must[*zip.Reader](t)(zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len())))
			if len(z.File) != 2 {
				t.Fatalf("%d files", len(z.File))
			}
			for _, part := range z.File {
				content := must[[]byte](t)(io.ReadAll(must[io.ReadCloser](t)(part.Open())))
				f.exported(t, part.Name, content)
				if strings.HasSuffix(part.Name, ".json") {
					var v struct {
						Entries []struct{ Section audience.Section }
					}
					ok(t, json.Unmarshal(content, &v))
					seen := map[audience.Section]bool{}
					for _, e := range v.Entries {
						seen[e.Section] = true
					}
					for _, x := range audience.Sections {
						if !seen[x] {
							t.Errorf("nothing in %s", x)
						}
					}
				}
				if strings.Contains(string(content), k("noted")) || strings.Contains(string(content), k("friend")) {
					t.Errorf("%s tells what was noted about others", part.Name)
				}
				for _, key := range []string{"audience.export", "<script"} {
					if strings.Contains(string(content), key) {
						t.Errorf("%s says %q", part.Name, key)
					}
				}
			}
		}
	})
}

// exported looks for everything that is hers.
func (f *filled) exported(t testing.TB, name string, content []byte) {
	t.Helper()
	text := strings.ToLower(string(content))
	for _, word := range []string{
		"did", "handle", "name", "surname", "profile", "avatar", "second", "seconddid", "secondname", "personnote", // who she is, what was noted
		"text", "edited", "warning", "url", "picture", "alt", "doubt", "doubturl", "message", "review", "joins", "begins", "like", "follow", // what she wrote
		"reply", "phone", "shared", "letter", "note", "why", "confirms", "promise", "unsent", // what we did
	} {
		if !strings.Contains(text, z(word)) {
			t.Errorf("%s does not say %s", name, word)
		}
	}
}

// Only who may erase may, and only by the right name; nobody reaches another company's people.
func TestWhoMayErase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := fill(t, s, "fake")
		ctx := t.Context()
		other := f.Other(t)
		for _, r := range team.Roles {
			may := r == team.Owner || r == team.Community
			actor := f.Actor(r)
			_, exported := f.Audience.Export(ctx, actor, f.person)
			_, read := f.Audience.Certificate(ctx, actor, 99)
			allowed := f.Audience.Allow(ctx, actor, 99)
			_, erased := f.Audience.Erase(ctx, actor, f.person, audience.EraseIn{Name: "somebody else"})
			_, listed := f.Audience.Certificates(ctx, actor, 0, 10)
			_, foreseen := f.Audience.PreviewErase(ctx, actor, f.person)
			for what, is := range map[string]bool{
				"export": (exported == nil) == may, "certificate": (fault.KindOf(read) == fault.NotFound) == may, "allow": (fault.KindOf(allowed) == fault.NotFound) == may,
				"erase": (fault.KindOf(erased) == fault.Invalid) == may, "list": (listed == nil) == may, "preview": (foreseen == nil) == may,
				"retention": (f.Audience.SetRetention(ctx, actor, 24) == nil) == (r == team.Owner),
			} {
				if !is {
					t.Errorf("%s: %s", r, what)
				}
			}
		}
		for what, err := range map[string]error{
			"export": errOf(f.Audience.Export(ctx, other.Actor(team.Owner), f.person)),
			"erase":  errOf(f.Audience.Erase(ctx, other.Actor(team.Owner), f.person, audience.EraseIn{Name: f.name})),
			"look":   errOf(f.Audience.PreviewErase(ctx, other.Actor(team.Owner), f.person)),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("another company: %s: %v", what, err)
			}
		}
		if _, err := f.Audience.Erase(ctx, f.Actor(team.Owner), f.person, audience.EraseIn{Name: f.name, Reference: strings.Repeat("x", 201)}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a long reference: %v", err)
		}
		f.erase(t)
		if _, err := f.Audience.Certificate(ctx, other.Actor(team.Owner), 1); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another company's certificate: %v", err)
		}
	})
}

func errOf[T any](_ T, err error) error { return err }
