package cli

import (
	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
)

// passphrase is how a copy is locked.
type passphrase struct {
	Passphrase     string `name:"passphrase" secret:"" placeholder:"WORDS" help:"passphrase"`
	PassphraseFile string `name:"passphrase-file" placeholder:"FILE" help:"passphrase_file"`
}

type backupCmd struct {
	config.Config
	passphrase
	To    string `arg:"" name:"file" help:"arg_backup"`
	Force bool   `name:"force" help:"backup_force"`
	Try   bool   `name:"try" help:"backup_try"`
}

func (c *backupCmd) settings() *config.Config { return &c.Config }

func (c *backupCmd) run(s *session) error {
	words, err := secret(c.Passphrase, c.PassphraseFile)
	if err != nil {
		return err
	}
	a, err := s.open(c.Config)
	if err != nil {
		return err
	}
	last, err := a.Backup(s.ctx, app.CopyIn{File: c.To, Passphrase: words, Force: c.Force})
	apart := a.KeyApart()
	if e := a.Stop(s.ctx); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	s.print("cli.backup.done", "path", last.File, "size", s.words.Number(int((last.Bytes+1023)>>10)))
	if words == "" {
		s.print("cli.backup.open")
	}
	if apart {
		s.print("cli.backup.key_apart")
	}
	if c.Try {
		return s.try(c.Config, app.CopyIn{File: c.To, Passphrase: words})
	}
	return nil
}

// try restores a copy into a place that is thrown away, and says how it went.
func (s *session) try(c config.Config, in app.CopyIn) error {
	t, err := app.TryRestore(s.ctx, c, in)
	if err != nil {
		return err
	}
	s.print("cli.try.done", "path", t.File, "at", t.Copy.Local().Format("2006-01-02 15:04"), "rows", s.words.Number(t.Rows), "tables", t.Tables,
		"members", t.Members, "secrets", t.Secrets)
	return nil
}

type restoreCmd struct {
	config.Config
	passphrase
	From  string `arg:"" name:"file" help:"arg_restore"`
	Force bool   `name:"force" help:"restore_force"`
	Try   bool   `name:"try" help:"restore_try"`
}

func (c *restoreCmd) settings() *config.Config { return &c.Config }

func (c *restoreCmd) run(s *session) error {
	words, err := secret(c.Passphrase, c.PassphraseFile)
	if err != nil {
		return err
	}
	if c.Try {
		return s.try(c.Config, app.CopyIn{File: c.From, Passphrase: words})
	}
	r, err := app.Restore(s.ctx, c.Config, app.CopyIn{File: c.From, Passphrase: words, Force: c.Force})
	if err != nil {
		return err
	}
	s.print("cli.restore.done", "at", r.At.Local().Format("2006-01-02 15:04"))
	if r.Before != "" {
		s.print("cli.restore.before", "path", r.Before)
	}
	if !r.Key && c.Key == "" {
		s.print("cli.restore.no_key")
	}
	return nil
}
