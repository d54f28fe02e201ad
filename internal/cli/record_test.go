package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

const recordOrigin = "arno.example/ceramiche"

// writeRecord DIR N [SEED] writes the files of a record of N lines, as they are served below a growth page, into DIR/record. Written again it
// has the same key; with another seed it has other lines.
func writeRecord(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	seed := "0"
	if len(args) > 2 {
		seed = args[2]
	}
	secret, verifier := recordKey(ts, filepath.Join(dir, "secret"))
	parts := files{}
	var tally record.Tally
	memory := record.NewMemory()
	var leaves [][]byte
	for i := range n {
		l := record.Leaf{At: time.Date(2026, 1, 5, 9+i/20, 0, 0, 0, time.UTC), Subject: record.Handle(fmt.Sprintf("%032x", i/2))}
		if i%2 == 0 {
			l.Kind, l.Said, l.Commit = record.Heard, l.At, record.Commit([]byte{1}, record.OfAddress, seed+"/"+strconv.Itoa(i))
		} else {
			l.Kind, l.Minutes = record.Answered, i%120
		}
		ts.Check(tally.Add(context.Background(), memory, l))
		b, err := l.Encode()
		ts.Check(err)
		leaves = append(leaves, b)
	}
	head, tiles, bundles, err := merkle.Append(context.Background(), merkle.Empty(), parts, leaves)
	ts.Check(err)
	for _, t := range tiles {
		parts[merkle.Path{Level: t.Level, N: t.N, Width: t.Width}.String()] = t.Body
	}
	for _, b := range bundles {
		parts[merkle.Path{Entries: true, N: b.N, Width: b.Width}.String()] = b.Body
	}
	parts[record.CheckpointPath], err = merkle.Sign(head, recordOrigin, secret)
	ts.Check(err)
	parts[record.FiguresPath], err = record.PublicFigures{Origin: recordOrigin, Head: head, Figures: tally.Figures()}.Encode()
	ts.Check(err)
	parts[record.KeyPath] = []byte(verifier + "\n")
	ts.Check(os.RemoveAll(filepath.Join(dir, "record")))
	for p, b := range parts {
		file := filepath.Join(dir, "record", filepath.FromSlash(p))
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
		ts.Check(os.WriteFile(file, b, 0o644))
	}
	ts.Setenv("VERIFIER", verifier)
}

// recordKey makes the key of a record, the first time.
func recordKey(ts *testscript.TestScript, file string) (secret, verifier string) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret, verifier, err := merkle.NewKey(recordOrigin)
		ts.Check(err)
		b, err := json.Marshal([]string{secret, verifier})
		ts.Check(err)
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
		ts.Check(os.WriteFile(file, b, 0o600))
		return secret, verifier
	}
	ts.Check(err)
	var pair []string
	ts.Check(json.Unmarshal(b, &pair))
	return pair[0], pair[1]
}

// files are the parts of a record by their paths.
type files map[string][]byte

func (f files) Tile(context.Context, int, int64, int) ([]byte, error) {
	return nil, errors.New("nothing is there yet")
}

func (f files) Entries(context.Context, int64, int) ([]byte, error) {
	return nil, errors.New("nothing is there yet")
}

// site NAME DIR serves the record of a folder until the end of the script, and puts the address into a variable. What begins with /away is
// sent on to another host.
func site(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[1])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/away"); ok {
			http.Redirect(w, r, "http://localhost:1"+rest, http.StatusFound)
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/record/") {
			http.NotFound(w, r)
			return
		}
		http.FileServerFS(os.DirFS(dir)).ServeHTTP(w, r)
	}))
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
}
