package cli

import (
	"encoding/json"
	"fmt"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
)

type doctorCmd struct {
	config.Config
	JSON bool `name:"json" help:"doctor_json"`
}

// settings is nil: the doctor says itself what is wrong with them.
func (c *doctorCmd) settings() *config.Config { return nil }

// finding is what --json prints.
type finding struct {
	Check  string         `json:"check"`
	State  app.Verdict    `json:"state"`
	Key    string         `json:"key"`
	Args   map[string]any `json:"args,omitempty"`
	Text   string         `json:"text"`
	Remedy string         `json:"remedy,omitempty"`
}

func (c *doctorCmd) run(s *session) error {
	findings := app.Examine(s.ctx, c.Config, s.Deps)
	out := make([]finding, 0, len(findings))
	var end error
	for _, f := range findings {
		o := finding{Check: f.Check, State: f.Verdict, Key: f.Key, Args: f.Args, Text: s.words.T(f.Key, f.Args)}
		if f.Verdict != app.Well && s.words.Has(f.Key+".remedy") {
			o.Remedy = s.words.T(f.Key+".remedy", f.Args)
		}
		if f.Verdict == app.Fail {
			end = exit(Failed)
		}
		out = append(out, o)
	}
	if c.JSON {
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(map[string]any{"ok": end == nil, "findings": out}); err != nil {
			return err
		}
		return end
	}
	for _, o := range out {
		fmt.Fprintf(s.Out, "%-6s %-10s %s\n", s.words.T("cli.doctor."+string(o.State)), o.Check, o.Text)
		if o.Remedy != "" {
			fmt.Fprintf(s.Out, "%-17s %s\n", "", o.Remedy)
		}
	}
	return end
}
