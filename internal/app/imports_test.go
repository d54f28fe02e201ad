package app_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ponte-desk/ponte/"

// leaves may be imported by every room above them.
var leaves = []string{"id", "clock", "fault", "i18n", "text"}

// room is a row of the table: what a package may import of this house besides the leaves, and of others.
type room struct {
	house  []string
	others []string // modules, or folders of them
	// open: not every entry has to be used; for doors and for what builds everything.
	open bool
}

const (
	bun   = "github.com/uptrace/bun"
	pgx   = "github.com/jackc/pgx/v5"
	river = "github.com/riverqueue/river"
)

var domain = []string{
	"team", "signin", "network", "archive", "delivery", "audience", "inbox", "media", "live", "verdict", "growth", "triage", "record", "merkle", "schedule", "adapt", "writing", "post", "reach", "presence", "tie", "linkback", "mention", "webhook", "notice", "lead", "link", "report",
}

// table is the table of docs/architecture.md. A room that is not in it, an import that is not in its row and an entry
// that nothing uses are failures: change the table on purpose, in the change that needs it.
var table = map[string]room{
	// 0 leaves
	"id":       {others: []string{"github.com/oklog/ulid/v2"}},
	"clock":    {},
	"fault":    {},
	"i18n":     {others: []string{"github.com/BurntSushi/toml", "golang.org/x/text"}},
	"text":     {others: []string{"github.com/microcosm-cc/bluemonday", "github.com/rivo/uniseg", "golang.org/x/net", "golang.org/x/text"}},
	"merkle":   {others: []string{"golang.org/x/mod"}},
	"schedule": {},
	"adapt":    {others: []string{"github.com/rivo/uniseg", "golang.org/x/net", "golang.org/x/text"}},
	"tie":      {},
	"feed":     {},
	"mention":  {others: []string{"golang.org/x/net"}},
	"sheet":    {},
	"paper":    {others: []string{"golang.org/x/text"}},
	// 1 ground
	"record":  {house: []string{"merkle"}},
	"store":   {others: []string{bun, pgx, "github.com/pressly/goose/v3", "modernc.org/sqlite"}},
	"queue":   {house: []string{"store"}, others: []string{river, pgx}},
	"seal":    {},
	"search":  {house: []string{"store"}, others: []string{bun}},
	"media":   {house: []string{"store"}, others: []string{bun, "github.com/bep/imagemeta", "golang.org/x/image"}},
	"live":    {house: []string{"store"}},
	"mail":    {others: []string{"github.com/wneessen/go-mail"}},
	"fetch":   {others: []string{"golang.org/x/net"}},
	"triage":  {others: []string{"golang.org/x/text"}},
	"writing": {house: []string{"triage"}},
	"backup":  {house: []string{"store", "search", "seal"}, others: []string{"filippo.io/age"}},
	"once":    {house: []string{"store", "queue", "seal", "team"}, others: []string{bun}, open: true},
	// 2 domain
	"team":     {house: []string{"store", "queue", "mail"}, others: []string{bun}},
	"signin":   {house: []string{"store", "seal", "team"}, others: []string{bun, "github.com/boombuler/barcode", "github.com/pquerna/otp", "golang.org/x/crypto", "golang.org/x/sync"}},
	"network":  {house: []string{"store", "queue", "seal", "team"}, others: []string{bun}},
	"archive":  {house: []string{"store", "queue", "live", "team", "network", "feed"}, others: []string{bun, "golang.org/x/text"}},
	"delivery": {house: []string{"store", "queue", "media", "team", "network", "adapt"}, others: []string{bun}},
	"audience": {house: []string{"store", "queue", "team", "network"}, others: []string{bun}},
	"verdict":  {house: []string{"store", "queue", "seal", "fetch", "team", "triage"}, others: []string{bun}},
	"inbox":    {house: []string{"store", "queue", "search", "media", "live", "team", "network", "delivery", "audience", "verdict", "triage", "adapt"}, others: []string{bun}},
	"growth":   {house: []string{"store", "queue", "seal", "media", "live", "team", "network", "delivery", "audience", "verdict", "inbox", "triage", "merkle", "record"}, others: []string{bun}},
	"post":     {house: []string{"sheet", "store", "queue", "media", "live", "fetch", "team", "network", "delivery", "audience", "inbox", "adapt", "writing", "schedule"}, others: []string{bun}},
	"reach":    {house: []string{"store", "queue", "live", "team", "network", "audience", "inbox", "tie"}, others: []string{bun}},
	"link":     {house: []string{"sheet", "paper", "store", "queue", "fetch", "team"}, others: []string{bun, "github.com/piglig/go-qr", "golang.org/x/crypto", "golang.org/x/image", "golang.org/x/net"}},
	"presence": {house: []string{"store", "queue", "live", "team", "network", "audience", "verdict", "inbox", "reach", "triage", "writing"}, others: []string{bun}},
	"linkback": {house: []string{"store", "queue", "fetch", "team", "network", "audience", "verdict", "triage", "inbox", "mention"}, others: []string{bun}},
	"webhook":  {house: []string{"store", "queue", "seal", "fetch", "team", "audience"}, others: []string{bun}},
	"notice":   {house: []string{"store", "queue", "mail", "team", "network", "delivery", "inbox", "post", "webhook"}, others: []string{bun}},
	"lead":     {house: []string{"sheet", "store", "queue", "mail", "media", "live", "team", "network", "audience", "inbox", "webhook"}, others: []string{bun}},
	"report":   {house: []string{"sheet", "store", "queue", "mail", "team", "signin", "network", "audience", "inbox", "growth", "post", "link", "lead", "reach", "tie"}, others: []string{bun}},
	"demo":     {house: []string{"team", "media", "network", "delivery", "audience", "inbox", "growth", "post", "reach", "lead", "link", "report", "linkback", "mention", "tie", "record", "schedule", "triage"}},
	// 3 adapters
	"network/mastodon": {house: []string{"network", "fetch", "adapt"}, others: []string{"github.com/coder/websocket"}},
	"network/bluesky":  {house: []string{"network", "fetch"}, others: []string{"github.com/rivo/uniseg", "golang.org/x/net"}},
	"network/site":     {house: []string{"network", "fetch", "feed"}, others: []string{"golang.org/x/net"}},
	// 4 doors
	"web":         {house: append([]string{"web/view", "web/static", "demo", "sheet", "paper"}, domain...), others: []string{"github.com/a-h/templ"}, open: true},
	"web/view":    {house: append([]string{"web/static"}, domain...), others: []string{"github.com/a-h/templ"}, open: true},
	"web/static":  {},
	"public":      {house: append([]string{"web/view", "web/static", "public/view"}, domain...), others: []string{"github.com/a-h/templ"}, open: true},
	"public/view": {house: append([]string{"web/view", "web/static"}, domain...), others: []string{"github.com/a-h/templ", "golang.org/x/image"}, open: true},
	"api":         {house: append([]string{"once", "sheet"}, domain...), others: []string{"github.com/danielgtaylor/huma/v2", "golang.org/x/time"}, open: true},
	// 5 the whole
	"config": {house: []string{"mail", "store"}, others: []string{"github.com/BurntSushi/toml"}},
	"app": {house: append([]string{
		"api", "backup", "config", "demo", "fetch", "mail", "network/bluesky", "network/mastodon", "network/site", "once", "public", "queue", "seal", "search", "store", "web",
	}, domain...), others: []string{"github.com/VictoriaMetrics/metrics", "golang.org/x/crypto"}, open: true},
	"cli": {house: []string{"app", "archive", "config", "presence", "report", "link", "signin", "team", "triage", "record", "merkle", "fetch", "adapt", "writing", "tie"}, others: []string{"github.com/spf13/pflag", "github.com/bep/imagemeta", "golang.org/x/image"}},
}

// forTests are packages that act as a network, a database or a person, and never get into the product.
var forTests = []string{
	"storetest", "networktest", "apptest", "housetest", "bench", "journey", "team/teamtest", "network/mastodon/mastodontest", "network/bluesky/blueskytest",
	"mail/mailtest", "network/site/sitetest", "browsertest",
}

func isForTests(pkg string) bool {
	return slices.ContainsFunc(forTests, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}

// source is a Go file of the product.
type source struct {
	pkg, name string
	imports   []string
}

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	walk := func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s := source{pkg: filepath.ToSlash(filepath.Dir(rel)), name: d.Name()}
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	}
	for _, dir := range []string{"internal", "cmd", "tie"} {
		if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
			continue // a room of a later time
		}
		if err := filepath.WalkDir(filepath.Join(root, dir), walk); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d files found", len(all))
	}
	return all
}

// A package that finds methods by a name it learns while it runs makes the linker keep every method of the whole program, 3.6 MB of them (docs/adr/0037).
func TestNothingFindsMethodsByName(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, i := range s.imports {
			if isForTests(strings.TrimPrefix(s.pkg, "internal/")) {
				continue
			}
			if i == "text/template" || i == "html/template" {
				t.Errorf("%s/%s imports %s", s.pkg, s.name, i)
			}
		}
	}
}

// within tells whether an import path is a module of the list, or lies in one.
func within(list []string, path string) string {
	for _, m := range list {
		if path == m || strings.HasPrefix(path, m+"/") {
			return m
		}
	}
	return ""
}

func TestRoomsImportWhatTheTableSays(t *testing.T) {
	t.Parallel()
	used := map[string]map[string]bool{}
	for _, s := range sources(t) {
		name, inside := strings.CutPrefix(s.pkg, "internal/")
		if !inside || isForTests(name) {
			continue
		}
		row, ok := table[name]
		if !ok {
			t.Errorf("%s is no room of the table", s.pkg)
			continue
		}
		if used[name] == nil {
			used[name] = map[string]bool{}
		}
		for _, path := range s.imports {
			if other, ours := strings.CutPrefix(path, module+"internal/"); ours {
				if !slices.Contains(row.house, other) && !slices.Contains(leaves, other) {
					t.Errorf("%s/%s imports %s", s.pkg, s.name, other)
				}
				used[name][other] = true
				continue
			}
			first, _, _ := strings.Cut(path, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library
			}
			m := within(row.others, path)
			if m == "" {
				t.Errorf("%s/%s imports %s", s.pkg, s.name, path)
			}
			used[name][m] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if table[name].open {
			continue
		}
		for _, entry := range slices.Concat(table[name].house, table[name].others) {
			if !used[name][entry] {
				t.Errorf("the table lets %s import %s, which it does not", name, entry)
			}
		}
	}
}

func TestLeavesImportNothingAbove(t *testing.T) {
	t.Parallel()
	may := map[string][]string{"i18n": {"fault"}, "id": {"fault"}}
	for _, s := range sources(t) {
		name := strings.TrimPrefix(s.pkg, "internal/")
		if !slices.Contains(leaves, name) {
			continue
		}
		for _, path := range s.imports {
			if other, ours := strings.CutPrefix(path, module+"internal/"); ours && !slices.Contains(may[name], other) {
				t.Errorf("%s/%s imports %s", s.pkg, s.name, other)
			}
		}
	}
}

func TestTheTableHasNoCircle(t *testing.T) {
	t.Parallel()
	state := map[string]int{}
	var visit func(string)
	visit = func(name string) {
		if state[name] == 1 {
			t.Fatalf("%s imports itself by a detour", name)
		}
		if state[name] == 2 {
			return
		}
		state[name] = 1
		for _, next := range table[name].house {
			visit(next)
		}
		state[name] = 2
	}
	for name := range table {
		visit(name)
	}
}

func TestLawsOfImports(t *testing.T) {
	t.Parallel()
	drivers := []string{pgx, "modernc.org/sqlite", "github.com/lib/pq", "github.com/mattn/go-sqlite3"}
	for _, s := range sources(t) {
		name := strings.TrimPrefix(s.pkg, "internal/")
		tests := isForTests(name)
		for _, path := range s.imports {
			switch other := strings.TrimPrefix(path, module+"internal/"); {
			case isForTests(other) && other != path && !tests:
				t.Errorf("%s/%s is in the product and imports %s", s.pkg, s.name, other)
			case within([]string{bun}, path) != "" && name != "store" && !strings.HasSuffix(s.name, "_sql.go") && !tests:
				t.Errorf("%s/%s imports the query builder and is no *_sql.go", s.pkg, s.name)
			case path == pgx && name == "queue":
				// The type of a transaction, which the job engine writes in.
			case within(drivers, path) != "" && name != "store" && !tests:
				t.Errorf("%s/%s imports the driver %s", s.pkg, s.name, path)
			case within([]string{river}, path) != "" && name != "queue":
				t.Errorf("%s/%s imports the job engine", s.pkg, s.name)
			case strings.HasPrefix(name, "network/") && !tests && slices.Contains(domain, other) && other != "network" && other != "adapt":
				t.Errorf("%s/%s is an adapter and sees the room %s", s.pkg, s.name, other)
			case (s.pkg == "tie" || strings.HasPrefix(s.pkg, "tie/")) && strings.HasPrefix(path, module):
				t.Errorf("%s/%s imports the rest", s.pkg, s.name)
			}
		}
	}
}

func TestEveryRoomSaysWhatItIs(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	all := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.pkg, "internal/") {
			all[s.pkg] = true
			said[s.pkg] = said[s.pkg] || s.name == "doc.go"
		}
	}
	for pkg := range all {
		if !said[pkg] {
			t.Errorf("%s has no doc.go", pkg)
		}
	}
}
