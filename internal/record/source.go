package record

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Source gives the parts of a record by their paths below its address: "checkpoint", "key", "figures.json", and tiles and bundles as
// merkle.Path writes them.
type Source interface {
	// Get gives one part. What is not there is ErrMissing, what is longer than most bytes ErrLong.
	Get(ctx context.Context, path string, most int64) ([]byte, error)
}

// The parts of a record that are neither tiles nor bundles.
const (
	CheckpointPath = "checkpoint"
	KeyPath        = "key"
	FiguresPath    = "figures.json"
)

var (
	// ErrMissing says that a part of a record is not there.
	ErrMissing = fault.New(fault.NotFound, "record.missing")
	// ErrLong says that a part of a record is longer than any honest one.
	ErrLong = fault.New(fault.Invalid, "record.long")
	// ErrUnreachable says that a record could not be read, whatever it may hold.
	ErrUnreachable = fault.New(fault.Upstream, "record.unreachable")
	// ErrMoved says that a server sends on to another host, which nobody named.
	ErrMoved = fault.New(fault.Upstream, "record.moved")
	// ErrSave says that what was read could not be saved.
	ErrSave = fault.New(fault.Invalid, "record.save")
)

// web is a record that is served.
type web struct {
	client *http.Client
	base   string
}

// Web reads a record below an address such as https://example.com/record. Redirects are followed as the client does, but never to
// another host. What fails for the moment is tried three times; a server that asks for patience is waited for, at most half a minute.
func Web(client *http.Client, address string) (Source, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil, ErrAddress
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	c := *client
	follow := c.CheckRedirect
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if from := via[0].URL; !strings.EqualFold(r.URL.Hostname(), from.Hostname()) || port(r.URL) != port(from) {
			return ErrMoved.With("host", r.URL.Host)
		}
		if follow != nil {
			return follow(r, via)
		}
		if len(via) > 5 {
			return ErrMoved.With("host", r.URL.Host)
		}
		return nil
	}
	return &web{client: &c, base: strings.TrimRight(u.String(), "/") + "/"}, nil
}

// port is where a server listens; http and https on their usual ports are one server.
func port(u *url.URL) string {
	if p := u.Port(); p != "80" || u.Scheme != "http" {
		return strings.TrimSuffix(p, "443")
	}
	return ""
}

// Get implements Source.
func (w *web) Get(ctx context.Context, path string, most int64) ([]byte, error) {
	for try := 1; ; try++ {
		b, wait, err := w.once(ctx, path, most)
		if err == nil || wait == 0 || try == 3 {
			return b, err
		}
		t := time.NewTimer(wait * time.Duration(try))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, ErrUnreachable.Because(ctx.Err())
		}
	}
}

// once asks once; wait is how long to wait before asking again, 0 when that would not help.
func (w *web) once(ctx context.Context, path string, most int64) (b []byte, wait time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+path, nil)
	if err != nil {
		return nil, 0, ErrAddress.Because(err)
	}
	res, err := w.client.Do(r)
	if err != nil {
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return nil, 0, err
		}
		return nil, 200 * time.Millisecond, ErrUnreachable.With("host", r.URL.Host).Because(err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusOK:
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return nil, 0, ErrMissing.With("path", path)
	default:
		err := ErrUnreachable.With("host", r.URL.Host).Because(errors.New(res.Status))
		if res.StatusCode != http.StatusTooManyRequests && res.StatusCode < 500 {
			return nil, 0, err
		}
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return nil, max(200*time.Millisecond, time.Duration(min(seconds, 30))*time.Second), err
	}
	b, err = io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, 200 * time.Millisecond, ErrUnreachable.With("host", r.URL.Host).Because(err)
	}
	if int64(len(b)) > most {
		return nil, 0, ErrLong.With("path", path)
	}
	return b, 0, nil
}

// folder is a record that was saved.
type folder string

// Folder reads a record that was saved in a folder, each part in the file that its path names.
func Folder(dir string) Source { return folder(dir) }

// Get implements Source. It never leaves the folder, whatever links there may be in it.
func (f folder) Get(_ context.Context, name string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, fault.New(fault.Invalid, "record.folder").With("path", string(f)).Because(err)
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
		return nil, ErrMissing.With("path", name)
	case err == nil && info.Size() > most:
		return nil, ErrLong.With("path", name)
	}
	if err == nil {
		var b []byte
		if b, err = root.ReadFile(name); err == nil {
			return b, nil
		}
	}
	return nil, fault.New(fault.Invalid, "record.folder").With("path", filepath.Join(string(f), name)).Because(err)
}

// saving is a source that keeps what it gives.
type saving struct {
	from Source
	dir  string
}

// Saving gives what another source gives and saves it in a folder, which Folder can read.
func Saving(from Source, dir string) Source { return saving{from: from, dir: dir} }

// Get implements Source.
func (s saving) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	b, err := s.from.Get(ctx, name, most)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, filepath.FromSlash(path.Clean("/"+name)))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, ErrSave.With("path", s.dir).Because(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		return nil, ErrSave.With("path", s.dir).Because(err)
	}
	return b, nil
}
