// Package docs_test checks that what is written about Ponte agrees with Ponte.
package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/team"
)

const root = ".."

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pages lists every page of documentation, by its path from the root.
func pages(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			all = append(all, filepath.Join(root, "docs", path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d pages found", len(all))
	}
	return all
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// anchor is what a heading is called in an address.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	_, err := os.Stat("screens")
	pictures := err == nil // before the first ones are taken there are none
	for _, page := range pages(t) {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(b), -1) {
			to, part, _ := strings.Cut(found[1], "#")
			if strings.Contains(to, "://") || strings.Contains(to, "screens/") && !pictures {
				continue
			}
			target := page
			if to != "" {
				target = filepath.Join(filepath.Dir(page), to)
			}
			there, err := os.ReadFile(target)
			if info, e := os.Stat(target); e == nil && info.IsDir() {
				err = nil
			}
			if err != nil {
				t.Errorf("%s: %s leads nowhere", page, found[1])
				continue
			}
			if part == "" {
				continue
			}
			if !slices.ContainsFunc(heading.FindAllStringSubmatch(string(there), -1), func(h []string) bool { return anchor(h[1]) == part }) {
				t.Errorf("%s: %s names no heading", page, found[1])
			}
		}
	}
}

func TestEveryDecisionIsListed(t *testing.T) {
	t.Parallel()
	list := read(t, "docs", "adr", "README.md")
	files, err := filepath.Glob("adr/[0-9]*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 12 {
		t.Fatalf("only %d decisions found", len(files))
	}
	numbers := map[string]bool{}
	for _, f := range files {
		name := filepath.Base(f)
		if !strings.Contains(list, "("+name+")") {
			t.Errorf("%s is not in the list", name)
		}
		if numbers[name[:4]] {
			t.Errorf("two decisions have the number %s", name[:4])
		}
		numbers[name[:4]] = true
		text := read(t, "docs", f)
		if !strings.HasPrefix(text, "# "+name[:4]+" ") {
			t.Errorf("%s does not begin with its number", name)
		}
		for _, part := range []string{"## Context", "## Decision", "## Consequences"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q", name, part)
			}
		}
	}
}

// rows gives the cells of every row of tables in a page.
func rows(page string) (all [][]string) {
	for _, line := range strings.Split(page, "\n") {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, cells)
	}
	return all
}

// imports gives what each package of the house imports of the house, in what is not a test.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	const ours = "github.com/ponte-desk/ponte/internal/"
	all := map[string][]string{}
	base := filepath.Join(root, "internal")
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(base, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		all[pkg] = slices.Grow(all[pkg], len(f.Imports)) // who imports nothing is there too
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if p, ok := strings.CutPrefix(p, ours); ok {
				all[pkg] = append(all[pkg], p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 {
		t.Fatalf("only %d packages found", len(all))
	}
	return all
}

// The table of rooms names every package, and what each imports of the others.
func TestTheArchitectureNamesEveryRoom(t *testing.T) {
	t.Parallel()
	leaves := []string{"id", "clock", "fault", "i18n", "text"}
	named := map[string]string{}
	page := read(t, "docs", "architecture.md")
	_, page, _ = strings.Cut(page, "\n## Rooms\n")
	page, _, _ = strings.Cut(page, "\n## ")
	for _, r := range rows(page) {
		if len(r) == 3 && strings.HasPrefix(r[0], "`") {
			named[strings.Trim(r[0], "`")] = r[2]
		}
	}
	found := imports(t)
	for pkg, list := range found {
		row, ok := named[pkg]
		if !ok {
			t.Errorf("internal/%s is not in the table of rooms", pkg)
			continue
		}
		if strings.Contains(row, "any room") {
			continue
		}
		for _, other := range list {
			switch {
			case slices.Contains(leaves, other):
			case other == "store" && strings.Contains(row, "never `store`"):
				t.Errorf("internal/%s imports store", pkg)
			case strings.Contains(row, "never `store`"):
			case !strings.Contains(row, "`"+other+"`"):
				t.Errorf("the table does not say that %s imports %s", pkg, other)
			}
		}
		for _, said := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row, -1) {
			if !strings.Contains(row, "never") && !slices.Contains(list, said[1]) {
				t.Errorf("the table says that %s imports %s, which it does not", pkg, said[1])
			}
		}
	}
	for pkg := range named {
		if _, ok := found[pkg]; !ok {
			t.Errorf("the table names %s, which is not there", pkg)
		}
	}
}

// The table of owners names every migration, and every table that it makes.
func TestTheArchitectureNamesEveryTable(t *testing.T) {
	t.Parallel()
	owned := map[string][]string{}
	for _, r := range rows(read(t, "docs", "architecture.md")) {
		if len(r) == 3 && regexp.MustCompile(`^\d{4}$`).MatchString(r[0]) {
			owned[r[0]] = strings.Split(r[2], ", ")
		}
	}
	made := regexp.MustCompile(`CREATE (?:VIRTUAL )?TABLE (\w+)`)
	files, err := filepath.Glob(filepath.Join(root, "internal", "store", "migration", "postgres", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 8 {
		t.Fatalf("only %d migrations found", len(files))
	}
	for _, f := range files {
		number := filepath.Base(f)[:4]
		if owned[number] == nil {
			t.Errorf("migration %s has no owner in the table", number)
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(b), -1) {
			if !slices.Contains(owned[number], m[1]) {
				t.Errorf("migration %s makes %s, which the table does not say", number, m[1])
			}
		}
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.it.md"} {
		var said []string
		for _, r := range rows(read(t, name)) {
			if strings.HasPrefix(r[0], "`--") {
				said = append(said, strings.Trim(r[0], "`-"))
			}
		}
		slices.Sort(said)
		want := append(config.Names(), "config")
		slices.Sort(want)
		if !slices.Equal(said, want) {
			t.Errorf("%s explains\n%v, the settings are\n%v", name, said, want)
		}
	}
}

// The tables of roles are what the program decides.
func TestTheRolesAreAsTheProgramDecides(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"guides/team.md", "guide/squadra.md"} {
		said := map[string][]string{}
		for _, r := range rows(read(t, "docs", page)) {
			if len(r) == 2+len(team.Roles) && strings.Contains(r[0], ".") {
				said[strings.Trim(r[0], "`")] = r[2:]
			}
		}
		if len(said) != len(team.Permissions) {
			t.Errorf("%s has %d permissions of %d", page, len(said), len(team.Permissions))
		}
		for _, p := range team.Permissions {
			cells := said[string(p)]
			if cells == nil {
				t.Errorf("%s does not name %s", page, p)
				continue
			}
			for i, role := range team.Roles {
				if got := cells[i] == "✓"; got != role.Can(p) {
					t.Errorf("%s: %s, %s: %q", page, p, role, cells[i])
				}
			}
		}
	}
}
