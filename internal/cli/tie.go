package cli

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/tie"
)

type tieCmd struct {
	Report   tieReportCmd   `cmd:"" help:"tie_report"`
	Choose   tieChooseCmd   `cmd:"" help:"tie_choose"`
	Backtest tieBacktestCmd `cmd:"" help:"tie_backtest"`
}

type tieReportCmd struct {
	File       string `arg:"" name:"file" help:"arg_tie"`
	Undirected bool   `name:"undirected" said:"" help:"tie_undirected"`
	Edges      string `name:"edges" said:"" placeholder:"OUT.csv" help:"tie_edges"`
	People     string `name:"people" said:"" placeholder:"OUT.csv" help:"tie_people"`
	Seed       uint64 `name:"seed" said:"" placeholder:"N" help:"tie_seed"`
}

func (*tieReportCmd) settings() *config.Config { return nil }

const (
	shownLines   = 100 // bad lines that are named
	shownCircles = 20
	shownBridges = 20
	shownHolders = 5
	maxSpan      = 4 // how far the span of a local bridge is looked for
)

// tieReport is what goes out.
type tieReport struct {
	People        int              `json:"people"`
	Events        int              `json:"events"`
	SelfLoops     int              `json:"self_loops"`
	Ties          int              `json:"ties"`
	From          int64            `json:"from,omitempty"`
	Until         int64            `json:"until,omitempty"`
	Kinds         map[string]int   `json:"kinds"`
	BadLines      badLines         `json:"bad_lines"`
	Structure     tieStructure     `json:"structure"`
	Intensity     tieIntensity     `json:"intensity"`
	Classes       map[string]int   `json:"classes"`
	Circles       tieCircles       `json:"circles"`
	Concentration tieConcentration `json:"concentration"`
}

type badLines struct {
	Count int       `json:"count"`
	Lines []badLine `json:"lines"`
}

type badLine struct {
	Line   int        `json:"line"`
	Reason tie.Reason `json:"reason"`
	Text   string     `json:"text"`
}

type tieStructure struct {
	Triangles    int64   `json:"triangles"`
	LocalBridges int     `json:"local_bridges"`
	Overlap      float64 `json:"mean_overlap"`
	Clustering   float64 `json:"mean_clustering"`
	Constraint   float64 `json:"mean_constraint"`
}

type tieIntensity struct {
	HorizonDays float64      `json:"horizon_days"`
	Learnt      bool         `json:"learnt"`
	Reliability *reliability `json:"reliability,omitempty"`
	Active      float64      `json:"high_from"`
	Embedded    float64      `json:"embedded_from"`
}

type reliability struct {
	Ties     int     `json:"ties"`
	Active   int     `json:"active"`
	AUC      float64 `json:"auc"`
	CountAUC float64 `json:"count_auc"`
	Error    float64 `json:"calibration_error"`
}

type tieCircles struct {
	Count      int         `json:"count"`
	Modularity float64     `json:"modularity"`
	Resolution float64     `json:"resolution"`
	Sizes      []int       `json:"largest"`
	Bridges    int         `json:"bridge_count"`
	Strongest  []tieBridge `json:"bridges"`
}

type tieBridge struct {
	A       int         `json:"a"`
	B       int         `json:"b"`
	Ties    int         `json:"ties"`
	Weight  float64     `json:"weight"`
	Holders []tieHolder `json:"holders"`
}

type tieHolder struct {
	Who    string  `json:"who"`
	Circle int     `json:"circle"`
	Ties   int     `json:"ties"`
	Share  float64 `json:"share"`
}

// tieConcentration is about who acts. A number that cannot be told is null.
type tieConcentration struct {
	People int      `json:"people"`
	Events int      `json:"events"`
	Top10  float64  `json:"top10_share"`
	First  float64  `json:"first_share"`
	Who    string   `json:"first,omitempty"`
	N1     *float64 `json:"effective_n1"`
	N2     *float64 `json:"effective_n2"`
	Rest1  *float64 `json:"effective_n1_without_first"`
	Rest2  *float64 `json:"effective_n2_without_first"`
	Gini   float64  `json:"gini"`
}

// told is nil for what cannot be told.
func told(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func (c *tieReportCmd) run(s *session) error {
	l, bad, err := s.events(c.File)
	if err != nil {
		return err
	}
	g, err := tie.Build(l, tie.BuildOptions{Undirected: c.Undirected})
	if err != nil {
		return err
	}
	t := tie.Fuse(g, tie.FuseOptions{Weighted: c.People != ""})
	learnt, err := tie.LearnIntensity(l, tie.IntensityOptions{})
	if err != nil {
		return err
	}
	all := &tied{log: l, ties: t, intensity: learnt.Of(l, t), circles: tie.FindCircles(g, tie.CircleOptions{Seed: c.Seed})}
	all.classes = tie.Classify(t, all.intensity, tie.ClassOptions{})
	if c.Edges != "" {
		if err := save(c.Edges, all.edges); err != nil {
			return err
		}
	}
	if c.People != "" {
		if err := save(c.People, all.people); err != nil {
			return err
		}
	}
	r := all.report(bad)
	r.Intensity.HorizonDays, r.Intensity.Learnt = learnt.Horizon.Hours()/24, learnt.Learnt
	if learnt.Learnt {
		of := learnt.Reliability
		r.Intensity.Reliability = &reliability{of.Ties, of.Active, of.AUC, of.CountAUC, of.CalibrationError}
	}
	write := json.NewEncoder(s.Out)
	write.SetEscapeHTML(false)
	write.SetIndent("", "  ")
	return write.Encode(r)
}

// events reads a log of events, from the standard input when the path is "-", and says how many lines were wrong.
func (s *session) events(path string) (*tie.Log, []tie.BadLine, error) {
	in := s.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, fault.New(fault.Invalid, "cli.tie.file").With("path", path).Because(err)
		}
		defer f.Close()
		in = f
	}
	l, bad, err := tie.Read(in, tie.ReadOptions{})
	if err != nil {
		return nil, bad, fault.New(fault.Invalid, "cli.tie.file").With("path", path).Because(err)
	}
	if len(bad) > 0 {
		s.aside("cli.tie.bad", "n", len(bad), "line", bad[0].Line)
	}
	return l, bad, nil
}

// tied is a log with all that is read from it.
type tied struct {
	log       *tie.Log
	ties      *tie.Ties
	intensity []float64
	classes   *tie.Classes
	circles   *tie.Circles
}

func (a *tied) report(bad []tie.BadLine) tieReport {
	g := a.ties.Graph
	r := tieReport{
		People: g.People(), Events: len(a.log.Events), Ties: g.Edges(), Kinds: map[string]int{}, BadLines: badLines{Count: len(bad), Lines: []badLine{}},
		Intensity: tieIntensity{Active: a.classes.Active, Embedded: a.classes.Embedded}, Classes: map[string]int{},
	}
	r.From, r.Until = a.log.Span()
	for i, b := range bad {
		if i == shownLines {
			break
		}
		r.BadLines.Lines = append(r.BadLines.Lines, badLine{b.Line, b.Reason, b.Text})
	}
	acts := make([]int, g.People())
	for _, e := range a.log.Events {
		r.Kinds[a.log.Kinds[e.Kind]]++
		if e.Actor == e.Target {
			r.SelfLoops++
			continue
		}
		acts[e.Actor]++
	}
	for class, n := range a.classes.Count {
		r.Classes[tie.Class(class).String()] = n
	}
	r.Structure = a.structure()
	r.Circles = a.found()
	c := tie.Concentrate(acts)
	r.Concentration = tieConcentration{
		People: c.People, Events: c.Events, Top10: c.Top10, First: c.First, Gini: c.Gini, N1: told(c.N1), N2: told(c.N2), Rest1: told(c.WithoutFirst[0]), Rest2: told(c.WithoutFirst[1]),
	}
	most := 0
	for p, n := range acts {
		if n > most {
			most, r.Concentration.Who = n, a.log.Names[p]
		}
	}
	return r
}

func (a *tied) structure() tieStructure {
	var x tieStructure
	g := a.ties.Graph
	people := 0.0
	for p, n := range a.ties.Triangles {
		x.Triangles += n
		if g.Degree(tie.Person(p)) > 0 {
			people++
			x.Clustering += a.ties.Clustering(tie.Person(p))
			x.Constraint += a.ties.Constraint[p]
		}
	}
	x.Triangles /= 3
	for e := range g.All() {
		x.Overlap += a.ties.Overlap(e)
		if a.ties.LocalBridge(e) {
			x.LocalBridges++
		}
	}
	x.Overlap /= max(float64(g.Edges()), 1)
	x.Clustering /= max(people, 1)
	x.Constraint /= max(people, 1)
	return x
}

func (a *tied) found() tieCircles {
	c := a.circles
	bridges := c.Bridges(a.ties.Graph, 2)
	x := tieCircles{Count: len(c.Sizes), Modularity: c.Modularity, Resolution: c.Resolution, Sizes: c.Sizes[:min(len(c.Sizes), shownCircles)], Bridges: len(bridges), Strongest: []tieBridge{}}
	for _, b := range bridges[:min(len(bridges), shownBridges)] {
		one := tieBridge{A: b.A, B: b.B, Ties: b.Ties, Weight: b.Weight, Holders: []tieHolder{}}
		for _, h := range b.Holders[:min(len(b.Holders), shownHolders)] {
			one.Holders = append(one.Holders, tieHolder{a.log.Names[h.Person], h.Circle, h.Ties, h.Share})
		}
		x.Strongest = append(x.Strongest, one)
	}
	return x
}

// save writes a CSV file.
func save(path string, rows func(*csv.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fault.New(fault.Invalid, "cli.tie.unwritable").With("path", path).Because(err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = fault.New(fault.Invalid, "cli.tie.unwritable").With("path", path).Because(err)
		}
	}()
	return table(f, rows)
}

func table(to io.Writer, rows func(*csv.Writer) error) error {
	w := csv.NewWriter(to)
	if err := rows(w); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// csvNumber is a figure in a table; empty when it cannot be told.
func csvNumber(x float64) string {
	if told(x) == nil {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// edges writes one row for each tie. The span is 2 where somebody is shared, and empty where the way around is longer than is looked.
func (a *tied) edges(w *csv.Writer) error {
	if err := w.Write([]string{"a", "b", "weight_ab", "weight_ba", "common", "overlap", "local_bridge", "span", "intensity", "class"}); err != nil {
		return err
	}
	paths := tie.NewPaths(a.ties.Graph)
	for e, ends := range a.ties.Graph.All() {
		ab, ba := a.ties.Graph.Weights(e)
		span, bridge := "2", a.ties.LocalBridge(e)
		if bridge {
			span = ""
			if d := paths.Span(e, maxSpan); d > 0 {
				span = strconv.Itoa(d)
			}
		}
		err := w.Write([]string{
			a.log.Names[ends[0]], a.log.Names[ends[1]], csvNumber(ab), csvNumber(ba), strconv.Itoa(a.ties.Common(e)), csvNumber(a.ties.Overlap(e)),
			strconv.FormatBool(bridge), span, csvNumber(a.intensity[e]), a.classes.Of[e].String(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// people writes one row for each person.
func (a *tied) people(w *csv.Writer) error {
	if err := w.Write([]string{"who", "ties", "strength", "triangles", "constraint", "weighted_constraint", "effective_size", "efficiency", "clustering", "circle"}); err != nil {
		return err
	}
	strength := a.ties.Graph.Strengths()
	for i, name := range a.log.Names {
		p := tie.Person(i)
		circle := ""
		if k := a.circles.Of[p]; k >= 0 {
			circle = strconv.Itoa(int(k))
		}
		err := w.Write([]string{
			name, strconv.Itoa(a.ties.Graph.Degree(p)), csvNumber(strength[p]), strconv.FormatInt(a.ties.Triangles[p], 10), csvNumber(a.ties.Constraint[p]), csvNumber(a.ties.Weighted[p]),
			csvNumber(a.ties.EffectiveSize(p)), csvNumber(a.ties.Efficiency(p)), csvNumber(a.ties.Clustering(p)), circle,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
