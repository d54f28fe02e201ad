package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

type importCmd struct {
	config.Config
	Files   []string          `arg:"" name:"file" help:"arg_import"`
	Me      string            `name:"me" said:"" placeholder:"NAME" help:"import_me"`
	Network string            `name:"network" said:"" placeholder:"WORD" help:"import_network"`
	Columns map[string]string `name:"columns" said:"" placeholder:"OURS=THEIRS" help:"import_columns"`
	DryRun  bool              `name:"dry-run" said:"" help:"import_dry_run"`
	JSON    bool              `name:"json" said:"" help:"import_json"`
}

func (c *importCmd) settings() *config.Config { return &c.Config }

func (c *importCmd) run(s *session) error {
	o := archive.Options{Me: c.Me, Network: c.Network, Columns: c.Columns}
	done, err := c.collect(s, &o)
	if err != nil {
		return err
	}
	defer done()
	if c.DryRun {
		o.Zone = time.Local
		r, err := archive.Survey(s.ctx, c.Files, o)
		if err != nil {
			s.sayColumns(err, c.Files)
			return err
		}
		if c.JSON {
			return s.importJSON(importOut(r))
		}
		s.sayReport(r)
		if r.Account.RemoteID == "" {
			s.print("cli.import.whose")
		}
		s.print("cli.import.dry")
		return nil
	}
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		shown := time.Now()
		res, err := a.Archives.Import(s.ctx, by, archive.ImportIn{Paths: c.Files, Options: o, Progress: func(done, total int) {
			if now := time.Now(); now.Sub(shown) >= time.Second { // often enough to see that it works
				shown = now
				fmt.Fprintln(s.Err, s.words.T("cli.import.progress", "done", s.words.Number(done), "total", s.words.Number(total)))
			}
		}})
		if err != nil {
			s.sayColumns(err, c.Files)
			return err
		}
		if c.JSON {
			out := importOut(res.Report)
			out.Channel, out.New, out.Changed, out.Known = string(res.Channel.ID), &res.New, &res.Changed, &res.Known
			return s.importJSON(out)
		}
		s.sayReport(res.Report)
		if res.Before > 0 {
			s.print("cli.import.resumed", "before", s.words.Number(res.Before))
		}
		s.print("cli.import.done", "new", s.words.Number(res.New), "changed", s.words.Number(res.Changed), "known", s.words.Number(res.Known))
		return nil
	})
}

// collect has the public history of accounts read that are given by address, into files of their own; done removes them.
func (c *importCmd) collect(s *session, o *archive.Options) (done func(), err error) {
	dir := ""
	done = func() {
		if dir != "" {
			_ = os.RemoveAll(dir) // nothing else is in it
		}
	}
	for i, f := range c.Files {
		if !strings.HasPrefix(f, "@") && !strings.HasPrefix(f, "at://") {
			continue
		}
		if dir == "" {
			if dir, err = os.MkdirTemp("", "ponte-import"); err != nil {
				return done, err
			}
		}
		me, err := c.writeDown(s, f, filepath.Join(dir, fmt.Sprintf("%d.car", i)))
		if err != nil {
			done()
			return done, err
		}
		if c.Files[i] = filepath.Join(dir, fmt.Sprintf("%d.car", i)); o.Me == "" {
			o.Me = me
		}
	}
	return done, nil
}

func (c *importCmd) writeDown(s *session, address, path string) (me string, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return app.History(s.ctx, c.Config, address, f)
}

// sayReport says what is in an export.
func (s *session) sayReport(r archive.Report) {
	s.print("cli.import.format", "format", s.words.T("archive.format."+string(r.Format)), "account", r.Account.Handle)
	if r.Items > 0 {
		s.print("cli.import.items", "count", r.Items, "mine", s.words.Number(r.Mine), "people", s.words.Number(r.People),
			"from", r.From.Local().Format("2006-01-02"), "to", r.To.Local().Format("2006-01-02"))
	}
	for _, k := range r.Kinds {
		fmt.Fprintf(s.Out, "  %8s  %s\n", s.words.Number(k.Count), s.words.T("archive.kind."+string(k.Kind)))
	}
	if len(r.Unread) == 0 {
		return
	}
	s.print("cli.import.unread")
	for _, u := range r.Unread {
		what := s.words.T("archive.unread." + string(u.Kind))
		if u.Detail != "" {
			what += " (" + u.Detail + ")"
		}
		where := u.File
		if u.Line > 0 {
			where = s.words.T("cli.import.line", "file", u.File, "line", u.Line)
		}
		fmt.Fprintf(s.Out, "  %8s  %s: %s\n", s.words.Number(u.Count), what, where)
	}
}

// importReport is what programs are told.
type importReport struct {
	Format  string         `json:"format"`
	Network string         `json:"network"`
	Account string         `json:"account"`
	Items   int            `json:"items"`
	Mine    int            `json:"mine"`
	People  int            `json:"people"`
	From    *time.Time     `json:"from,omitempty"`
	To      *time.Time     `json:"to,omitempty"`
	Kinds   map[string]int `json:"kinds"`
	Names   []string       `json:"names,omitempty"`
	Unread  []importUnread `json:"unread"`
	Channel string         `json:"channel,omitempty"`
	New     *int           `json:"new,omitempty"`
	Changed *int           `json:"changed,omitempty"`
	Known   *int           `json:"known,omitempty"`
}

type importUnread struct {
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	Count  int    `json:"count"`
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
}

func importOut(r archive.Report) importReport {
	out := importReport{
		Format: string(r.Format), Network: string(r.Account.Network), Account: r.Account.Handle, Items: r.Items, Mine: r.Mine, People: r.People,
		Kinds: map[string]int{}, Unread: []importUnread{},
	}
	if r.Account.RemoteID == "" {
		out.Names = r.Names
	}
	if r.Items > 0 {
		out.From, out.To = &r.From, &r.To
	}
	for _, k := range r.Kinds {
		out.Kinds[string(k.Kind)] = k.Count
	}
	for _, u := range r.Unread {
		out.Unread = append(out.Unread, importUnread{string(u.Kind), u.Detail, u.Count, u.File, u.Line})
	}
	return out
}

func (s *session) importJSON(r importReport) error {
	e := json.NewEncoder(s.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// sayColumns shows the beginning of a table whose columns nobody knows, and what each is likely to hold.
func (s *session) sayColumns(err error, files []string) {
	if !errors.Is(err, archive.ErrColumns) {
		return
	}
	for _, f := range files {
		p, err := archive.Peek(f)
		if err != nil {
			continue
		}
		t := tabwriter.NewWriter(s.Err, 0, 0, 2, ' ', 0)
		for _, r := range append([][]string{p.Columns}, p.Rows...) {
			cells := make([]string, len(r))
			for i, c := range r {
				cells[i] = text.Cut(strings.Join(strings.Fields(c), " "), 24)
			}
			fmt.Fprintln(t, "  "+strings.Join(cells, "\t"))
		}
		_ = t.Flush() // as good as what is printed elsewhere
		var guess []string
		for _, ours := range archive.Columns() {
			if theirs := p.Guess[ours]; theirs != "" {
				guess = append(guess, fmt.Sprintf("--columns %q", ours+"="+theirs))
			}
		}
		if len(guess) > 0 {
			fmt.Fprintln(s.Err, s.words.T("cli.import.guess", "columns", strings.Join(guess, " ")))
		}
		return
	}
}
