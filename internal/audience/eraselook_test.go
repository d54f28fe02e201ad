package audience_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/store"
)

// Every word about the person who is erased begins with zqxjzq, every word about somebody else that must stay with kpwvkp: neither
// stands in any word of the program’s, nor by chance in what it draws by lot.
var (
	// The index keeps of a word only what differs from the word before it, so a part must do.
	part   = regexp.MustCompile(`(?i)qxjzq[a-z]*`)
	theirs = regexp.MustCompile(`(?i)zqxjzq[a-z]*`)
	stays  = regexp.MustCompile(`(?i)kpwvkp[a-z]*`)
)

// sight is where marked words were found: in tables, as "table.column", and in files, the search index and the log.
type sight map[string]map[string]bool

func (s sight) note(re *regexp.Regexp, text []byte, where string) {
	for _, w := range re.FindAll(text, -1) {
		word := strings.ToLower(string(w))
		if s[word] == nil {
			s[word] = map[string]bool{}
		}
		s[word][where] = true
	}
}

// words lists what was seen.
func (s sight) words() []string {
	var out []string
	for w := range s {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

func (s sight) String() string {
	var b strings.Builder
	for _, w := range s.words() {
		var where []string
		for x := range s[w] {
			where = append(where, x)
		}
		slices.Sort(where)
		fmt.Fprintf(&b, "\n\t%s in %s", w, strings.Join(where, ", "))
	}
	return b.String()
}

// planted lists the words about her that filling a house puts into it, as its source says.
func planted(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("erasefill_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`z\("([a-z]+)"\)`).FindAllSubmatch(b, -1) {
		out = append(out, z(string(m[1])))
	}
	for _, m := range regexp.MustCompile(`f\.uri\("([a-z]+)"\)`).FindAllSubmatch(b, -1) {
		out = append(out, z(string(m[1])))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// look reads everything that the house keeps: each table with those of the job engine, the search index, and what was logged.
func look(t testing.TB, h *housetest.House, re *regexp.Regexp, log *logBook) sight {
	t.Helper()
	s := sight{}
	ctx := t.Context()
	err := h.Store.Snapshot(ctx, func(ctx context.Context) error {
		tables, err := h.Store.Tables(ctx)
		if err != nil {
			return err
		}
		if len(tables) < 30 {
			t.Fatalf("only %d tables were found", len(tables))
		}
		for _, table := range tables {
			err := h.Store.Rows(ctx, table, func(row []any) error {
				for i, c := range table.Columns {
					switch v := row[i].(type) {
					case string:
						s.note(re, []byte(v), table.Name+"."+c.Name)
					case []byte:
						s.note(re, v, table.Name+"."+c.Name)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	more := []string{"SELECT CAST(args AS TEXT) || coalesce(CAST(errors AS TEXT), '') || CAST(metadata AS TEXT) FROM river_job"}
	if h.Store.Dialect() == store.Postgres {
		more = append(more, "SELECT CAST(body AS TEXT) || ref FROM search_doc")
	} else {
		more = append(more, "SELECT body FROM search_doc")
	}
	for _, query := range more {
		var texts []string
		if err := h.Store.Read(ctx).NewRaw(query).Scan(ctx, &texts); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for _, x := range texts {
			s.note(re, []byte(x), query[strings.LastIndexByte(query, ' ')+1:])
		}
	}
	s.note(re, log.read(), "log")
	return s
}

// lookInFiles reads every file of the data folder and of the database's, byte by byte.
func lookInFiles(t testing.TB, h *housetest.House, re *regexp.Regexp) sight {
	t.Helper()
	s := sight{}
	folders := []string{h.Dir}
	if h.Store.Path() != "" {
		folders = append(folders, filepath.Dir(h.Store.Path()))
	}
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			s.note(re, []byte(d.Name()), "a file's name")
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			s.note(re, b, d.Name())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// logBook keeps what is logged.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) read() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}

func (l *logBook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
