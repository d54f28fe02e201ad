package growth_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/backup"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// served is a record as the public door serves it.
type served struct {
	g *growth.Growth
	c team.CompanyID
}

// Get implements record.Source.
func (s served) Get(ctx context.Context, path string, _ int64) (b []byte, err error) {
	switch path {
	case record.CheckpointPath:
		b, err = s.g.Checkpoint(ctx, s.c)
	case record.KeyPath:
		var key string
		key, err = s.g.VerifierKey(ctx, s.c)
		b = []byte(key)
	case record.FiguresPath:
		var f record.PublicFigures
		if f, err = s.g.PublicFigures(ctx, s.c); err == nil {
			b, err = f.Encode()
		}
	default:
		p, wrong := merkle.ParsePath(path)
		switch {
		case wrong != nil:
			return nil, wrong
		case p.Entries:
			b, err = s.g.Entries(ctx, s.c, p.N, p.Width)
		default:
			b, err = s.g.Tile(ctx, s.c, p.Level, p.N, p.Width)
		}
	}
	if fault.KindOf(err) == fault.NotFound {
		return nil, record.ErrMissing
	}
	return b, err
}

// holds checks a record as a stranger would, against a head that they saved earlier.
func holds(t testing.TB, g *growth.Growth, c team.CompanyID, saved []byte) record.Report {
	t.Helper()
	r := must[record.Report](t)(record.Verify(t.Context(), served{g, c}, record.Options{
		VerifierKey: must[string](t)(g.VerifierKey(t.Context(), c)), SavedHead: saved,
	}))
	if !r.Good() || !r.Signed {
		t.Fatalf("%+v", r.Findings)
	}
	return r
}

func crowd(from, n int, at time.Time) []network.Item {
	items := make([]network.Item, n)
	for i := range items {
		items[i] = item(fmt.Sprint("n", from+i), fmt.Sprint("p", from+i), fmt.Sprintf("%d: rotto", from+i), at.Add(time.Duration(from+i)*time.Second))
	}
	return items
}

// A record grows in steps of any size over the borders of its tiles, each head grows out of the one before, and what is served of it is what
// the open formats ask for.
func TestTheRecordGrows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, c := t.Context(), h.Company.ID
		at, n := h.Clock.Now().Add(-time.Hour), 0
		var saved []byte
		for _, step := range []int{1, 1, 253, 1, 1, 300, 211, 1, 40} {
			take(t, h, crowd(n, step, at)...)
			n += step
			r := holds(t, h.Growth, c, saved)
			if r.Head.Size != int64(n) || r.Origin != "ponte.example/ceramiche-arno" || r.Figures.Heard != n || r.Public == nil {
				t.Fatalf("%+v", r)
			}
			saved = r.Checkpoint
			h.Clock.Advance(time.Minute)
		}
		full := must[[]byte](t)(h.Growth.Tile(ctx, c, 0, 2, 256))
		for _, width := range []int{1, 7, 255} { // what it was when the record was smaller
			if cut := must[[]byte](t)(h.Growth.Tile(ctx, c, 0, 2, width)); !bytes.Equal(cut, full[:32*width]) {
				t.Errorf("a tile of %d is no beginning", width)
			}
			lines := must[[][]byte](t)(merkle.ParseBundle(must[[]byte](t)(h.Growth.Entries(ctx, c, 2, width)), width))
			if hash := merkle.LeafHash(lines[width-1]); !bytes.Equal(hash[:], full[32*(width-1):32*width]) {
				t.Errorf("a bundle of %d does not fit its tile", width)
			}
		}
		for name, err := range map[string]error{
			"no width":           errOf(h.Growth.Tile(ctx, c, 0, 0, 0)),
			"too wide":           errOf(h.Growth.Tile(ctx, c, 0, 0, 257)),
			"below the ground":   errOf(h.Growth.Tile(ctx, c, -1, 0, 1)),
			"above the top":      errOf(h.Growth.Tile(ctx, c, 2, 0, 1)),
			"before the begin":   errOf(h.Growth.Tile(ctx, c, 0, -1, 1)),
			"behind the end":     errOf(h.Growth.Tile(ctx, c, 0, 3, 42)),
			"leaves, no width":   errOf(h.Growth.Entries(ctx, c, 0, 0)),
			"leaves, behind":     errOf(h.Growth.Entries(ctx, c, 3, 42)),
			"leaves, far behind": errOf(h.Growth.Entries(ctx, c, 1<<40, 1)),
		} {
			if key(err) != "growth.record.tile" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The record keeps its name and its key when the house moves to another address, and its key goes along to a new key of the house.
func TestTheRecordKeepsItsName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		base := "https://Uno.example:8443"
		h := housetest.New(t, s, housetest.Options{Judge: judge, BaseURL: func() string { return base }})
		ctx, c := t.Context(), h.Company.ID
		take(t, h, crowd(0, 1, h.Clock.Now().Add(-time.Hour))...)
		verifier := must[string](t)(h.Growth.VerifierKey(ctx, c))
		first := holds(t, h.Growth, c, nil)
		if first.Origin != "uno.example:8443/ceramiche-arno" {
			t.Error(first.Origin)
		}
		base = "https://due.example"
		take(t, h, crowd(1, 1, h.Clock.Now().Add(-time.Hour))...)
		if r := holds(t, h.Growth, c, first.Checkpoint); r.Origin != first.Origin || must[string](t)(h.Growth.VerifierKey(ctx, c)) != verifier {
			t.Error(r.Origin)
		}
		if n := must[int](t)(h.Growth.Reseal(ctx)); n != 0 {
			t.Errorf("%d keys moved to where they are", n)
		}
		keys, err := seal.Rotate(h.Dir)
		if err != nil {
			t.Fatal(err)
		}
		young := growth.New(growth.Rooms{
			Store: s, Clock: h.Clock, Team: h.Team, Queue: h.Queue, Seal: keys, Networks: h.Networks, Deliveries: h.Deliveries, Audience: h.Audience,
			Inbox: h.Inbox, Media: h.Media, Live: h.Live, BaseURL: func() string { return base },
		})
		for _, want := range []int{1, 0} {
			if n := must[int](t)(young.Reseal(ctx)); n != want {
				t.Errorf("%d keys moved, want %d", n, want)
			}
		}
		var sealed string
		if err := s.WriteDB().QueryRowContext(ctx, "SELECT key FROM record_log").Scan(&sealed); err != nil || keys.Stale(sealed) {
			t.Error(err, "sealed with the old key")
		}
		secret, err := keys.Unseal(seal.Place{Company: string(c), Row: string(c), Purpose: "record.key"}, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := merkle.Sign(first.Head, first.Origin, string(secret)); err != nil {
			t.Error(err)
		}
	})
}

// What is kept of a record and no longer adds up is never signed.
func TestADamagedRecordDoesNotGrow(t *testing.T) {
	t.Parallel()
	for what, damage := range map[string]string{
		"another tile": "UPDATE record_tile SET body = %s",
		"no tile":      "DELETE FROM record_tile",
		"no leaves":    "DELETE FROM record_bundle",
		"a short one":  "UPDATE record_log SET size = 1",
		"other leaves": "UPDATE record_bundle SET body = %s",
		"other facts":  "UPDATE record_fact SET body = %s",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *housetest.House) {
				ctx := t.Context()
				take(t, h, crowd(0, 2, h.Clock.Now().Add(-time.Hour))...)
				before := must[[]byte](t)(h.Growth.Checkpoint(ctx, h.Company.ID))
				zeroes := "x'" + strings.Repeat("00", 64) + "'"
				if h.Store.Dialect() == store.Postgres {
					zeroes = "decode('" + strings.Repeat("00", 64) + "', 'hex')"
				}
				if _, err := h.Store.WriteDB().ExecContext(ctx, strings.ReplaceAll(damage, "%s", zeroes)); err != nil {
					t.Fatal(err)
				}
				// An answer says something of what stands there already.
				_, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{ours("o", "n0", "Eccoci", h.Clock.Now())}, Cursor: "y"})
				if k := fault.KindOf(err); err == nil || k != fault.Internal && k != fault.NotFound {
					t.Error(err)
				}
				if after := must[[]byte](t)(h.Growth.Checkpoint(ctx, h.Company.ID)); !bytes.Equal(after, before) {
					t.Errorf("%s was signed", after)
				}
			})
		})
	}
}

// A backup carries the record, into either database: it holds there, and its key is there to go on with.
func TestABackupCarriesTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, c := t.Context(), h.Company.ID
		take(t, h, crowd(0, 300, h.Clock.Now().Add(-time.Hour))...)
		saved := must[[]byte](t)(h.Growth.Checkpoint(ctx, c))
		var copied bytes.Buffer
		if _, err := backup.Write(ctx, &copied, backup.Options{Store: h.Store, Search: h.Search, Dir: h.Dir, At: h.Clock.Now()}); err != nil {
			t.Fatal(err)
		}
		storetest.Each(t, func(t *testing.T, s *store.Store) {
			u, err := backup.Unpack(bytes.NewReader(copied.Bytes()), t.TempDir(), "")
			if err != nil {
				t.Fatal(err)
			}
			if err := u.Load(t.Context(), s, search.New(s)); err != nil {
				t.Fatal(err)
			}
			there := growth.New(growth.Rooms{
				Store: s, Clock: h.Clock, Team: team.New(s, h.Clock), Queue: h.Queue, Seal: h.Keys, Networks: h.Networks, Deliveries: h.Deliveries,
				Audience: h.Audience, Inbox: h.Inbox, Media: h.Media, Live: h.Live, BaseURL: func() string { return housetest.BaseURL },
			})
			if r := holds(t, there, c, saved); r.Head.Size != 300 {
				t.Errorf("%+v", r)
			}
		})
	})
}
