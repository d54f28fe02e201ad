package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

type recordCmd struct {
	Verify recordVerifyCmd `cmd:"" help:"record_verify"`
	Head   recordHeadCmd   `cmd:"" help:"record_head"`
}

type recordVerifyCmd struct {
	Where string `arg:"" name:"address" help:"arg_record"`
	Head  string `name:"head" placeholder:"FILE" help:"record_saved"`
	Key   string `name:"key" said:"" placeholder:"KEY" help:"record_key"`
	Keep  bool   `name:"keep" help:"record_keep"`
	Save  string `name:"save" placeholder:"FOLDER" help:"record_save"`
	JSON  bool   `name:"json" help:"record_json"`
	outside
}

// outside are the settings of a command that needs no house.
type outside struct {
	LogLevel string `name:"log-level" default:"info" placeholder:"LEVEL" help:"log_level"`
}

// settings is nil: checking a record needs no house.
func (outside) settings() *config.Config { return nil }

func (c *recordVerifyCmd) run(s *session) error {
	s.debug = c.LogLevel == "debug"
	if c.Keep && c.Head == "" {
		return s.wrong("cli.record.keep_what")
	}
	if err := s.checkKey(c.Key); err != nil {
		return err
	}
	options := record.Options{VerifierKey: c.Key}
	if c.Head != "" {
		b, err := readHead(c.Head)
		if err != nil {
			return err
		}
		options.SavedHead = b
	}
	from, err := s.source(c.Where)
	if err != nil {
		if _, said := errors.AsType[exit](err); c.JSON && !said {
			err = errors.Join(err, s.reportJSON(record.Report{}, err))
		}
		return err
	}
	if c.Save != "" {
		if !from.web {
			return s.wrong("cli.record.save_what")
		}
		if err := empty(c.Save); err != nil {
			return err
		}
		from.Source = record.Saving(from.Source, c.Save)
	}
	if from.web {
		options.Now = s.now()
	}
	report, err := record.Verify(s.ctx, from, options)
	if c.JSON {
		if e := s.reportJSON(report, err); e != nil {
			return e
		}
	} else {
		s.report(report, err)
	}
	if err != nil {
		return err
	}
	if !report.Good() {
		return exit(Failed)
	}
	if c.Keep {
		if err := keepHead(c.Head, report.Checkpoint); err != nil {
			return err
		}
		s.aside("cli.record.kept", "path", c.Head)
	}
	if c.Save != "" {
		s.aside("cli.record.stored", "path", c.Save)
	}
	return nil
}

type recordHeadCmd struct {
	Where string `arg:"" name:"address" help:"arg_record_web"`
	Key   string `name:"key" said:"" placeholder:"KEY" help:"record_key"`
	outside
}

func (c *recordHeadCmd) run(s *session) error {
	s.debug = c.LogLevel == "debug"
	if err := s.checkKey(c.Key); err != nil {
		return err
	}
	from, err := s.source(c.Where)
	if err != nil {
		return err
	}
	if !from.web {
		return s.wrong("cli.record.head_what")
	}
	key, said := c.Key, "cli.record.head_given"
	if key == "" {
		b, err := from.Get(s.ctx, record.KeyPath, 1024)
		if err != nil {
			return err
		}
		key, said = strings.TrimSpace(string(b)), "cli.record.head_only"
	}
	checkpoint, err := from.Get(s.ctx, record.CheckpointPath, merkle.MaxCheckpoint)
	if err != nil {
		return err
	}
	if _, err := merkle.Open(checkpoint, key); err != nil {
		return err
	}
	if _, err := s.Out.Write(checkpoint); err != nil {
		return err
	}
	s.aside(said, "address", c.Where)
	return nil
}

// wrong says that a command was not used as it must be.
func (s *session) wrong(key string, args ...any) error {
	return exit(s.misuse(s.words.T(key, args...)))
}

// aside writes a sentence beside what a command gives.
func (s *session) aside(key string, args ...any) {
	fmt.Fprintln(s.Err, s.words.T(key, args...))
}

func (s *session) checkKey(key string) error {
	if key == "" {
		return nil
	}
	if _, err := merkle.KeyName(key); err != nil {
		return s.wrong("cli.record.key")
	}
	return nil
}

// readHead reads a head that was saved.
func readHead(path string) ([]byte, error) {
	unreadable := fault.New(fault.Invalid, "cli.record.file").With("path", path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	if info.IsDir() || info.Size() > merkle.MaxCheckpoint {
		return nil, unreadable
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	return b, nil
}

// keepHead replaces a saved head, whole or not at all.
func keepHead(path string, checkpoint []byte) error {
	unkept := fault.New(fault.Invalid, "cli.record.unkept").With("path", path)
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return unkept.Because(err)
	}
	defer os.Remove(f.Name()) // gone by then when all went well
	_, err = f.Write(checkpoint)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if info, e := os.Stat(path); err == nil && e == nil {
		err = os.Chmod(f.Name(), info.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return unkept.Because(err)
	}
	return nil
}

// empty wants a folder to be new or empty: what was saved earlier is not mixed with what is there now.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || len(entries) > 0 {
		return record.ErrSave.With("path", dir).Because(err)
	}
	return nil
}
