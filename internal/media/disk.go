package media

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ponte-desk/ponte/internal/fault"
)

func (m *Media) tmp() string { return filepath.Join(m.root, "tmp") }

// path is where a file lies: by the hash of its content, so that one content lies there once.
func (m *Media) path(sum string) string { return filepath.Join(m.root, sum[:2], sum[2:4], sum) }

// diskFault says what is wrong with the disk; errors that are not the disk's pass unchanged.
func (m *Media) diskFault(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return err
	}
	if errno == syscall.ENOSPC || errno == syscall.EDQUOT || errno == syscall.EFBIG {
		return ErrFull.With("path", m.root).Because(err)
	}
	return ErrFolder.With("path", m.root).Because(err)
}

// temp is a file being written; it comes to its place whole or not at all.
type temp struct {
	file *os.File
	path string
	size int64
	hash hash.Hash
}

func (m *Media) temp() (*temp, error) {
	f, err := os.CreateTemp(m.tmp(), "in-*") // made with mode 0600
	if err != nil {
		return nil, m.diskFault(err)
	}
	return &temp{file: f, path: f.Name(), hash: sha256.New()}, nil
}

// Write implements io.Writer.
func (t *temp) Write(b []byte) (int, error) {
	n, err := t.file.Write(b)
	t.hash.Write(b[:n])
	t.size += int64(n)
	return n, err
}

func (t *temp) sum() string { return hex.EncodeToString(t.hash.Sum(nil)) }

// place brings the file to its place. One that is there already has the same content and is replaced, so that its age
// begins anew.
func (t *temp) place(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := errors.Join(t.file.Sync(), t.file.Close()); err != nil {
		return err
	}
	if err := os.Rename(t.path, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// discard removes what was not placed.
func (t *temp) discard() {
	_ = t.file.Close()
	_ = os.Remove(t.path)
}

// receive writes what comes in to the disk, up to a limit in bytes.
func (m *Media) receive(body io.Reader, limit int64) (*temp, error) {
	t, err := m.temp()
	if err != nil {
		return nil, err
	}
	src := &source{r: io.LimitReader(body, limit+1)}
	switch _, err := io.Copy(t, src); {
	case src.err != nil:
		err = ErrBroken.Because(src.err)
		t.discard()
		return nil, err
	case err != nil:
		t.discard()
		return nil, m.diskFault(err)
	case t.size > limit:
		t.discard()
		return nil, ErrTooBig.With("max", (limit+(1<<20)-1)>>20)
	case t.size == 0:
		t.discard()
		return nil, ErrEmpty
	}
	return t, nil
}

// source remembers errors of the reader, to tell them from those of the disk.
type source struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// sniff tells what a file is by its content.
func sniff(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head[:n]), ";")
	return kind, nil
}
