package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg fonts
var embedded embed.FS

// Prefix is where a door mounts the assets.
const Prefix = "/static/"

// types holds every kind of file that may be served; the standard table depends on the machine.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
}

// Assets is a set of files with hashed addresses. It is safe for use by several goroutines.
type Assets struct {
	disk  fs.FS // set in development: files are read again at each request
	files map[string]file
	byURL map[string]string
}

type file struct {
	url    string
	kind   string
	plain  []byte
	zipped func() []byte // made when first asked for; empty when compression does not pay
}

// New gives the assets built into the program: to all who ask the same ones.
func New() (*Assets, error) { return builtIn() }

var builtIn = sync.OnceValues(func() (*Assets, error) { return load(embedded) })

// FromDisk gives the assets of a folder, read again at each request and never cached by browsers: for development.
func FromDisk(dir string) (*Assets, error) {
	a, err := load(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	a.disk = os.DirFS(dir)
	return a, nil
}

func load(from fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]file{}, byURL: map[string]string{}}
	var names []string
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, known := types[path.Ext(name)]; known {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("static.load: %w", err)
	}
	// Styles name fonts, so they come last: their own hash must change when a font does.
	sort.Slice(names, func(i, j int) bool {
		if ci, cj := path.Ext(names[i]) == ".css", path.Ext(names[j]) == ".css"; ci != cj {
			return cj
		}
		return names[i] < names[j]
	})
	for _, name := range names {
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("static.load: %w", err)
		}
		if path.Ext(name) == ".css" {
			b = a.withFonts(b)
		}
		f := file{url: hashed(name, b), kind: types[path.Ext(name)], plain: b, zipped: func() []byte { return nil }}
		if path.Ext(name) != ".woff2" {
			f.zipped = sync.OnceValue(func() []byte { return zip(b) })
		}
		a.files[name] = f
		a.byURL[f.url] = name
	}
	return a, nil
}

// withFonts points the font addresses of a style at their hashed form.
func (a *Assets) withFonts(css []byte) []byte {
	for name, f := range a.files {
		if path.Ext(name) == ".woff2" {
			css = bytes.ReplaceAll(css, []byte(`url("`+name+`")`), []byte(`url("`+f.url+`")`))
		}
	}
	return css
}

func hashed(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
}

func zip(b []byte) []byte {
	var out bytes.Buffer // which cannot fail
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(b)
	_ = w.Close()
	if out.Len() >= len(b) {
		return nil
	}
	return out.Bytes()
}

// URL gives the address of a file ("ponte.css" becomes "/static/ponte.1f2e3d4c5b.css"). An unknown name gives an
// address that answers 404; a test of the views makes sure that no page has one.
func (a *Assets) URL(name string) string {
	if f, ok := a.files[name]; ok && a.disk == nil {
		return f.url
	}
	return Prefix + name
}

// Has tells whether there is such a file.
func (a *Assets) Has(name string) bool { _, ok := a.files[name]; return ok }

// ServeHTTP answers GET and HEAD below Prefix. Hashed addresses may be kept for ever.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name, f, ok := a.find(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if r.URL.Path == f.url && a.disk == nil {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("ETag", `"`+path.Base(strings.TrimSuffix(f.url, path.Ext(name)))+`"`)
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if zipped := f.zipped(); len(zipped) > 0 {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser may be gone: nobody is left to tell
	}
}

// find looks up a request path, hashed or plain.
func (a *Assets) find(at string) (string, file, bool) {
	files, byURL := a.files, a.byURL
	if a.disk != nil {
		fresh, err := load(a.disk)
		if err != nil {
			return "", file{}, false
		}
		files, byURL = fresh.files, fresh.byURL
	}
	name, ok := byURL[at]
	if !ok {
		name = strings.TrimPrefix(at, Prefix)
	}
	f, ok := files[name]
	return name, f, ok
}
