package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/team"
)

type presenceCmd struct {
	config.Config
	Weeks   int    `name:"weeks" default:"-1" said:"" placeholder:"N" help:"presence_weeks"`
	Channel string `name:"channel" said:"" placeholder:"ID" help:"presence_channel"`
	JSON    bool   `name:"json" said:"" help:"presence_json"`
}

func (c *presenceCmd) settings() *config.Config { return &c.Config }

func (c *presenceCmd) run(s *session) error {
	if c.Weeks >= 0 && !slices.Contains(presence.Periods, c.Weeks) {
		return presence.ErrOver
	}
	return s.with(c.Config, func(a *app.App, by team.Actor) error {
		if err := a.Presence.Draw(s.ctx, by.Company); err != nil {
			return err
		}
		p, err := a.Presence.Portrait(s.ctx, by)
		if err != nil {
			return err
		}
		company, err := a.Team.Company(s.ctx, by.Company)
		if err != nil {
			return err
		}
		var v presence.View
		ok := false
		if p != nil {
			v, ok = p.ViewOf(c.Channel, c.Weeks)
		}
		if c.JSON {
			return s.presenceJSON(p, v, ok, company.Location())
		}
		if !ok {
			said, ours := 0, 0
			if p != nil {
				said, ours = p.Said, p.Ours
			}
			s.print("cli.presence.few", "said", s.words.Number(said), "ours", s.words.Number(ours), "least", s.words.Number(presence.LeastSaid))
			return nil
		}
		s.sayPresence(v, company.Location())
		return nil
	})
}

// sayPresence says a portrait: the three sentences, then every figure.
func (s *session) sayPresence(v presence.View, zone *time.Location) {
	s.print("cli.presence.of", "ours", s.words.Number(v.Ours), "theirs", s.words.Number(v.Theirs), "from", v.From.In(zone).Format(time.DateOnly), "to", v.To.In(zone).Format(time.DateOnly))
	for _, l := range v.Lines() {
		fmt.Fprintf(s.Out, "\n%s\n  %s\n  %s\n", s.words.T("presence.part."+string(l.Part)), l.Say.In(s.words, zone), l.Why.In(s.words, zone))
	}
	for _, t := range presence.Themes {
		fmt.Fprintf(s.Out, "\n%s\n", t.Theme.Title(s.words))
		for _, k := range t.Keys {
			f := v.Figure(k)
			line := f.Short(s.words)
			if !f.Few && !k.Level() {
				n, unit := f.Value(s.words)
				line = n + " " + unit
			}
			if beside := f.Beside(s.words); beside != "" {
				line += ". " + beside
			}
			fmt.Fprintf(s.Out, "  %s: %s\n", f.Label(s.words), line)
		}
	}
}

// presenceOut is what programs are told.
type presenceOut struct {
	Few     bool             `json:"few"`
	Said    int              `json:"said"`
	Weeks   int              `json:"weeks"`
	From    *time.Time       `json:"from,omitempty"`
	To      *time.Time       `json:"to,omitempty"`
	Before  *time.Time       `json:"before,omitempty"`
	Lines   []presenceLine   `json:"lines"`
	Figures []presenceFigure `json:"figures"`
}

type presenceLine struct {
	Part   string `json:"part"`
	Say    string `json:"say"`
	Why    string `json:"why"`
	Figure string `json:"figure,omitempty"`
}

type presenceFigure struct {
	Key      string        `json:"key"`
	Theme    string        `json:"theme"`
	Few      bool          `json:"few"`
	N        int           `json:"n"`
	Of       int           `json:"of"`
	Median   float64       `json:"median_seconds,omitempty"`
	Ninth    float64       `json:"ninth_seconds,omitempty"`
	Ours     float64       `json:"ours,omitempty"`
	Theirs   float64       `json:"theirs,omitempty"`
	TheirsOf int           `json:"theirs_of,omitempty"`
	Before   *presencePast `json:"before,omitempty"`
	Change   int           `json:"change"`
	Examples []string      `json:"examples"`
}

type presencePast struct {
	N  int `json:"n"`
	Of int `json:"of"`
}

func (s *session) presenceJSON(p *presence.Portrait, v presence.View, ok bool, zone *time.Location) error {
	out := presenceOut{Few: !ok, Lines: []presenceLine{}, Figures: []presenceFigure{}}
	if p != nil {
		out.Said = p.Said
	}
	if ok {
		from, to := v.From.UTC(), v.To.UTC()
		out.Weeks, out.From, out.To = v.Weeks, &from, &to
		if !v.Before.IsZero() {
			before := v.Before.UTC()
			out.Before = &before
		}
		for _, l := range v.Lines() {
			out.Lines = append(out.Lines, presenceLine{string(l.Part), l.Say.In(s.words, zone), l.Why.In(s.words, zone), string(l.On)})
		}
		for _, t := range presence.Themes {
			for _, k := range t.Keys {
				f := v.Figure(k)
				x := presenceFigure{
					Key: string(k), Theme: string(t.Theme), Few: f.Few, N: f.N, Of: f.Of, Median: f.Median.Seconds(), Ninth: f.Ninth.Seconds(), Ours: f.Ours, Theirs: f.Theirs,
					TheirsOf: f.TheirsOf, Change: f.Change(), Examples: []string{},
				}
				if f.Before != nil {
					x.Before = &presencePast{f.Before.N, f.Before.Of}
				}
				for _, e := range f.Examples {
					x.Examples = append(x.Examples, string(e.ID))
				}
				out.Figures = append(out.Figures, x)
			}
		}
	}
	e := json.NewEncoder(s.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
