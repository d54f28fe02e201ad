package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree makes a repository with the given files.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestBundleJoinsImportsAndLeavesForeignFilesAlone(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"internal/web/island/inbox.ts":  `import { greet } from "./_greet"; document.title = greet("Anna" as string);`,
		"internal/web/island/_greet.ts": `export function greet(name: string): string { return "Ciao " + name; }`,
		"internal/web/island/dom.d.ts":  `declare const nothing: number;`,
		"internal/web/static/gone.js":   mark + "internal/web/island/gone.ts. DO NOT EDIT.\n",
		"internal/web/static/htmx.js":   "// somebody else's\n",
	})
	if err := bundle(root); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, staticDir, "inbox.js"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.HasPrefix(got, mark) || !strings.Contains(got, "Ciao ") || strings.Contains(got, "import") {
		t.Errorf("inbox.js = %s", got)
	}
	files, err := filepath.Glob(filepath.Join(root, staticDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	if got, want := strings.Join(names, " "), "htmx.js inbox.js"; got != want {
		t.Errorf("static holds %s, want %s", got, want)
	}
}

func TestBundleKeepsEverythingWhenOneIslandIsBroken(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"internal/web/island/a.ts": `export const fine = 1;`,
		"internal/web/island/b.ts": `const broken = ;`,
	})
	err := bundle(root)
	if err == nil || !strings.Contains(err.Error(), "b.ts") {
		t.Fatalf("bundle = %v, want an error that names b.ts", err)
	}
	if _, err := os.Stat(filepath.Join(root, staticDir, "a.js")); err == nil {
		t.Error("a.js was written although b.ts is broken")
	}
}

func TestBundleDoesNotOverwriteAFileItDidNotBuild(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"internal/web/island/htmx.ts": `export const mine = 1;`,
		"internal/web/static/htmx.js": "// somebody else's\n",
	})
	if err := bundle(root); err == nil {
		t.Fatal("bundle overwrote a file it did not build")
	}
}
