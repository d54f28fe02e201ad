package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/tie"
)

// tieLook is what choosing and testing have in common.
type tieLook struct {
	File    string        `arg:"" name:"file" help:"arg_tie"`
	K       int           `name:"k" short:"k" said:"" default:"20" placeholder:"N" help:"tie_k"`
	Before  int64         `name:"before" said:"" placeholder:"UNIX" help:"tie_before"`
	Exclude string        `name:"exclude" said:"" placeholder:"FILE" help:"tie_exclude"`
	Carry   []string      `name:"carry" said:"" placeholder:"KIND,..." help:"tie_carry"`
	Ahead   time.Duration `name:"ahead" said:"" placeholder:"720h" help:"tie_ahead"`
	Home    []string      `name:"home" said:"" placeholder:"NAME,..." help:"tie_home"`
	Level   float64       `name:"level" said:"" default:"0.9" placeholder:"0.9" help:"tie_level"`
	Seed    uint64        `name:"seed" said:"" default:"1" placeholder:"N" help:"tie_draws"`
}

func (*tieLook) settings() *config.Config { return nil }

// lookedAt is what was read.
type lookedAt struct {
	People  int      `json:"people"`
	Events  int      `json:"events"`
	Carry   []string `json:"carry"`
	Bad     badLines `json:"bad_lines"`
	Unknown []string `json:"unknown_names,omitempty"`
}

// between is a number of people with its ends. A high end that is not known is null.
type between struct {
	Low      float64  `json:"low"`
	Expected float64  `json:"expected"`
	High     *float64 `json:"high"`
}

func betweenOf(i tie.Interval) between {
	round := func(x float64) float64 { return math.Round(x*10) / 10 }
	b := between{Low: round(i.Low), Expected: round(i.Expected)}
	if !math.IsInf(i.High, 0) {
		high := round(i.High)
		b.High = &high
	}
	return b
}

// read reads the file and what it takes to choose.
func (c *tieLook) read(s *session) (*tie.Log, tie.ChooseOptions, lookedAt, error) {
	o := tie.ChooseOptions{K: c.K, Now: c.Before, Ahead: c.Ahead, Level: c.Level, Seed: c.Seed}
	if c.K < 1 || c.Before < 0 || c.Ahead < 0 || c.Level <= 0 || c.Level >= 1 {
		return nil, o, lookedAt{}, fault.New(fault.Invalid, "cli.tie.number")
	}
	l, wrong, err := s.events(c.File)
	if err != nil {
		return nil, o, lookedAt{}, err
	}
	if len(l.Events) == 0 {
		return nil, o, lookedAt{}, fault.New(fault.Invalid, "cli.tie.empty").With("path", c.File)
	}
	bad := badLines{Count: len(wrong), Lines: []badLine{}}
	for _, b := range wrong[:min(len(wrong), shownLines)] {
		bad.Lines = append(bad.Lines, badLine{b.Line, b.Reason, b.Text})
	}
	t := lookedAt{People: len(l.Names), Events: len(l.Events), Carry: []string{}, Bad: bad}
	byName := make(map[string]tie.Person, len(l.Names))
	for p, name := range l.Names {
		byName[name] = tie.Person(p)
	}
	find := func(names []string) (people []tie.Person) {
		for _, name := range names {
			if p, ok := byName[name]; ok {
				people = append(people, p)
			} else {
				t.Unknown = append(t.Unknown, name)
			}
		}
		return people
	}
	o.Home = find(c.Home)
	if c.Exclude != "" {
		names, err := firstFields(c.Exclude)
		if err != nil {
			return nil, o, t, fault.New(fault.Invalid, "cli.tie.file").With("path", c.Exclude).Because(err)
		}
		o.Barred = find(names)
	}
	o.Carry = tie.Carrying(l)
	if len(c.Carry) > 0 {
		o.Carry = nil
		for _, name := range c.Carry {
			k := -1
			for i, x := range l.Kinds {
				if strings.EqualFold(x, name) {
					k = i
				}
			}
			if k < 0 {
				return nil, o, t, fault.New(fault.Invalid, "cli.tie.kind").With("kind", name).With("known", strings.TrimPrefix(strings.Join(l.Kinds, ", "), ", "))
			}
			o.Carry = append(o.Carry, tie.Kind(k))
		}
	}
	for _, k := range o.Carry {
		t.Carry = append(t.Carry, l.Kinds[k])
	}
	return l, o, t, nil
}

// firstFields are the first fields of the lines of a file, without comments.
func firstFields(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if i := strings.IndexAny(line, ",;\t"); i >= 0 {
			line = strings.TrimSpace(line[:i])
		}
		out = append(out, strings.Trim(line, `"`))
	}
	return out, lines.Err()
}

// writeTo writes what a command found.
func writeTo(out io.Writer, v any) error {
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	write.SetIndent("", "  ")
	return write.Encode(v)
}

type tieChooseCmd struct {
	tieLook
	Model string `name:"model" said:"" default:"learned" placeholder:"learned|wc" help:"tie_model"`
}

// chosen is what goes out.
type chosen struct {
	lookedAt
	Model     string             `json:"model"`
	Short     bool               `json:"too_little,omitempty"`
	From      int64              `json:"from"`
	Until     int64              `json:"until,omitempty"`
	Level     float64            `json:"level"`
	Windows   int                `json:"windows"`
	Mix       map[string]float64 `json:"mix,omitempty"`
	Certified float64            `json:"certified,omitempty"`
	Chosen    []pick             `json:"chosen"`
}

type pick struct {
	Rank     int      `json:"rank"`
	Person   string   `json:"person"`
	Marginal between  `json:"marginal"`
	Total    between  `json:"total"`
	Why      *pickWhy `json:"why,omitempty"`
}

type pickWhy struct {
	Audience int   `json:"audience"`
	New      int   `json:"new"`
	Alone    int   `json:"alone"`
	Acts     int   `json:"acts"`
	Last     int64 `json:"last"`
}

func (c *tieChooseCmd) run(s *session) error {
	if c.Model != "learned" && c.Model != "wc" {
		return fault.New(fault.Invalid, "cli.tie.model").With("value", c.Model)
	}
	l, o, t, err := c.read(s)
	if err != nil {
		return err
	}
	out := chosen{lookedAt: t, Level: o.Level, Chosen: []pick{}}
	if c.Model == "wc" {
		err = out.byCascade(l, o)
	} else {
		err = out.learned(l, o)
	}
	if err != nil {
		return fault.New(fault.Invalid, "cli.tie.nobody").Because(err)
	}
	return writeTo(s.Out, out)
}

func (out *chosen) learned(l *tie.Log, o tie.ChooseOptions) error {
	a, err := tie.Choose(l, o)
	if err != nil {
		return err
	}
	out.Model, out.Short, out.From, out.Until, out.Windows = a.Model, a.Short, a.Now, a.Until, a.Windows
	if a.Model == tie.Blend {
		out.Mix = a.Mix
		for k, share := range out.Mix {
			out.Mix[k] = math.Round(share*1000) / 1000
		}
	}
	for i, p := range a.Picks {
		w := p.Why
		out.Chosen = append(out.Chosen, pick{
			Rank: i + 1, Person: l.Names[p.Person], Marginal: betweenOf(p.Marginal), Total: betweenOf(p.Total),
			Why: &pickWhy{Audience: w.Audience, New: w.New, Alone: w.Alone, Acts: w.Acts, Last: w.Last},
		})
	}
	return nil
}

// byCascade chooses by the weighted cascade, which is a convention and foresees nothing.
func (out *chosen) byCascade(l *tie.Log, o tie.ChooseOptions) error {
	_, last := l.Span()
	out.Model, out.From = "wc", last+1
	if o.Now > 0 {
		out.From = o.Now
		l = l.Before(o.Now)
	}
	c, err := tie.WeightedCascade(l)
	if err != nil {
		return err
	}
	spread, err := c.Choose(tie.SpreadOptions{K: o.K, Seed: o.Seed, Barred: append(o.Barred, o.Home...), Reached: o.Home})
	if err != nil {
		return err
	}
	out.Certified = math.Round(spread.Ratio*1000) / 1000
	for i, p := range spread.Chosen {
		total, marginal := spread.Between(i, o.Level)
		out.Chosen = append(out.Chosen, pick{Rank: i + 1, Person: l.Names[p], Marginal: betweenOf(marginal), Total: betweenOf(total)})
	}
	return nil
}

type tieBacktestCmd struct {
	tieLook
	Windows int `name:"windows" said:"" default:"12" placeholder:"N" help:"tie_windows"`
}

// backtest is what goes out.
type backtest struct {
	lookedAt
	Level   float64    `json:"level"`
	Stated  int        `json:"stated"`
	Covered int        `json:"covered"`
	Against []against  `json:"against"`
	Windows []lookBack `json:"windows"`
}

type against struct {
	Rule    string  `json:"rule"`
	More    int     `json:"more"`
	Same    int     `json:"same"`
	Less    int     `json:"less"`
	Advised int     `json:"advised"`
	Reached int     `json:"reached"`
	Ratio   float64 `json:"ratio"`
	Error   float64 `json:"error"`
}

type lookBack struct {
	From     int64          `json:"from"`
	Until    int64          `json:"until"`
	Model    string         `json:"model"`
	Reached  int            `json:"reached"`
	Forecast *between       `json:"forecast"`
	Held     *bool          `json:"held"`
	ByRule   map[string]int `json:"by_rule"`
	Advised  []string       `json:"advised"`
}

func (c *tieBacktestCmd) run(s *session) error {
	l, o, t, err := c.read(s)
	if err != nil {
		return err
	}
	if c.Windows < 1 || c.Windows > 1000 {
		return fault.New(fault.Invalid, "cli.tie.number")
	}
	o.Windows = c.Windows
	table, err := tie.Backtest(l, o)
	if err != nil {
		return fault.New(fault.Invalid, "cli.tie.nobody").Because(err)
	}
	out := backtest{lookedAt: t, Level: table.Level, Stated: table.Stated, Covered: table.Covered, Against: []against{}, Windows: []lookBack{}}
	round := func(x float64) float64 { return math.Round(x*1000) / 1000 }
	for _, a := range table.Against {
		out.Against = append(out.Against, against{a.Rule, a.More, a.Same, a.Less, a.Advised, a.Reached, round(a.Ratio), round(a.Error)})
	}
	for _, w := range table.Windows {
		one := lookBack{From: w.From, Until: w.Until, Model: w.Model, Reached: w.Reached, ByRule: map[string]int{}, Advised: []string{}}
		if w.Forecast != nil {
			b, held := betweenOf(*w.Forecast), w.Held()
			one.Forecast, one.Held = &b, &held
		}
		for i, name := range table.Rules {
			one.ByRule[name] = w.ByRule[i]
		}
		for _, p := range w.Advised {
			one.Advised = append(one.Advised, l.Names[p])
		}
		out.Windows = append(out.Windows, one)
	}
	return writeTo(s.Out, out)
}
