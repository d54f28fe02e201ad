package media

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

func TestDiskFaults(t *testing.T) {
	t.Parallel()
	m := &Media{root: "/data/media"}
	other := errors.New("not the disk")
	for _, c := range []struct{ err, want error }{
		{&fs.PathError{Op: "write", Err: syscall.ENOSPC}, ErrFull},
		{&os.LinkError{Op: "rename", Err: syscall.EDQUOT}, ErrFull},
		{&fs.PathError{Op: "open", Err: syscall.EACCES}, ErrFolder},
		{&fs.PathError{Op: "open", Err: syscall.EROFS}, ErrFolder},
		{ErrEmpty, ErrEmpty},
		{other, other},
	} {
		if got := m.diskFault(c.err); !errors.Is(got, c.want) {
			t.Errorf("%v became %v, want %v", c.err, got, c.want)
		}
	}
	if m.diskFault(nil) != nil {
		t.Error("no error became one")
	}
}

// A device that is always full stands in for a full disk.
func TestAFullDiskIsSaidWhileWriting(t *testing.T) {
	t.Parallel()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer f.Close()
	m := &Media{root: "/data/media"}
	if _, err := f.Write(make([]byte, 10)); !errors.Is(m.diskFault(err), ErrFull) {
		t.Errorf("%v", err)
	}
}
