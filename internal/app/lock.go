package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/ponte-desk/ponte/internal/fault"
)

// lockName is the file in the data folder that the one process that serves it holds.
const lockName = "ponte.lock"

// lock is held by the process; the kernel gives it back however the process ends.
type lock struct{ file *os.File }

// takeLock takes the data folder for this process, or gives ErrLocked.
func takeLock(dir string) (*lock, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, "app.folder").With("folder", dir).Because(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path) // only to say who it is
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked.With("folder", dir).With("pid", strings.TrimSpace(string(holder))).Because(err)
		}
		return nil, fmt.Errorf("app: locking %s: %w", path, err)
	}
	// The number is for people; the lock itself is the kernel's.
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
		if err != nil {
			_ = f.Close()
			return nil, fault.New(fault.Invalid, "app.folder").With("folder", dir).Because(err)
		}
	}
	return &lock{file: f}, nil
}

func (l *lock) release() {
	if l != nil && l.file != nil {
		_ = l.file.Close() // closing gives the lock back
		l.file = nil
	}
}
