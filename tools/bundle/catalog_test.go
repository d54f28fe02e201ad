package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPackGivesTheSameBytesAndReadsBack(t *testing.T) {
	t.Parallel()
	files := map[string]string{catalogDir + "/it/today.toml": "\"today\" = \"oggi\"\n", catalogDir + "/en/today.toml": "\"today\" = \"today\"\n"}
	packed := func() string {
		root := tree(t, files)
		for name := range files { // whenever they were written
			if err := os.Chtimes(filepath.Join(root, name), time.Now(), time.Now().Add(-time.Duration(len(name))*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if err := pack(root); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(root, catalogFile)
	}
	one, another := packed(), packed()
	a, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(another); err != nil || string(a) != string(b) {
		t.Fatal("packed twice, the bytes differ", err)
	}
	z, err := zip.OpenReader(one)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if b, err := fs.ReadFile(z, "catalog/it/today.toml"); err != nil || string(b) != "\"today\" = \"oggi\"\n" {
		t.Fatalf("%q %v", b, err)
	}
	if err := pack(t.TempDir()); err != nil { // nothing to pack
		t.Fatal(err)
	}
}
