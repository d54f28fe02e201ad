package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/record"
)

// report says what came of checking a record.
func (s *session) report(r record.Report, err error) {
	if r.Origin == "" && len(r.Findings) == 0 {
		return // nothing was read: the error says it all
	}
	w := s.words
	lines := [][2]string{{"cli.record.record", r.Origin}, {"cli.record.head", w.T("cli.record.head_is", "size", number(s, r.Head.Size), "root", root(r.Head.Root))}}
	signed := "cli.record.unsigned"
	switch {
	case r.Signed && r.KeyGiven:
		signed = "cli.record.signed_given"
	case r.Signed:
		signed = "cli.record.signed_site"
	}
	lines = append(lines, [2]string{"cli.record.signature", w.T(signed)})
	if r.Saved != nil && err == nil {
		fits := "cli.record.saved_fits"
		for _, f := range r.Findings {
			if f.Key == "record.finding.rolled_back" || f.Key == "record.finding.two_histories" {
				fits = "cli.record.saved_not"
			}
		}
		lines = append(lines, [2]string{"cli.record.saved", w.T(fits, "size", number(s, r.Saved.Size))})
	}
	lines = append(lines, [2]string{"cli.record.read", w.T("cli.record.read_is", "read", number(s, r.Read), "size", number(s, r.Head.Size), "tiles", w.Number(r.Tiles))})
	if !r.Since.IsZero() {
		lines = append(lines, [2]string{"cli.record.from", w.T("cli.record.from_is", "first", w.Date(r.Since), "last", w.Date(r.Last))})
	}
	for _, l := range lines {
		fmt.Fprintf(s.Out, "%s  %s\n", pad(w.T(l[0]), 14), l[1])
	}
	s.figures(r)
	s.findings(r)
	switch {
	case err != nil:
		s.print("cli.record.unfinished")
	case r.Good():
		s.print("cli.record.good")
	default:
		s.print("cli.record.bad")
	}
}

// figures writes published and counted figures side by side.
func (s *session) figures(r record.Report) {
	if r.Public == nil {
		return
	}
	fmt.Fprintf(s.Out, "\n%s  %s  %s\n", pad("", 34), lead(s.words.T("cli.record.published"), 14), lead(s.words.T("cli.record.counted"), 14))
	for i, f := range r.Public.Figures.List() {
		counted, mark := "–", ""
		if r.Against != nil {
			value := r.Against.List()[i].Value
			counted = s.figure(f.Name, value)
			if value != f.Value {
				mark = "  ≠"
			}
		}
		fmt.Fprintf(s.Out, "%s  %s  %s%s\n", pad(s.words.T("cli.record.figure."+f.Name), 34), lead(s.figure(f.Name, f.Value), 14), lead(counted, 14), mark)
	}
}

// figure writes a figure as people say it.
func (s *session) figure(name string, value int64) string {
	if strings.HasSuffix(name, "_minutes") {
		return s.words.Span(time.Duration(value) * time.Minute)
	}
	return number(s, value)
}

// findings writes what does not hold and what should be known.
func (s *session) findings(r record.Report) {
	fmt.Fprintln(s.Out)
	places := false
	for _, f := range r.Findings {
		what, means := s.finding(f)
		mark := "cli.record.remark"
		if f.Grave {
			mark = "cli.record.wrong"
		}
		fmt.Fprintf(s.Out, "%s  %s\n%s  %s\n", pad(s.words.T(mark), 10), what, pad("", 10), means)
		places = places || f.Leaf >= 0
	}
	if r.More > 0 {
		s.print("cli.record.more", "count", s.words.Number(r.More))
	}
	if places {
		s.print("cli.record.places")
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(s.Out)
	}
}

// finding puts a finding into words.
func (s *session) finding(f record.Finding) (what, means string) {
	args := map[string]any{}
	for k, v := range f.Args {
		args[k] = v
	}
	if name, ok := f.Args["name"].(string); ok {
		args["name"] = s.words.T("cli.record.figure." + name)
		for _, k := range []string{"said", "counted"} {
			if v, ok := f.Args[k].(int64); ok {
				args[k] = s.figure(name, v)
			}
		}
	}
	means = f.Key + ".text"
	if !s.words.Has(means) {
		means = "record.rule.text"
	}
	return s.words.T(f.Key, args), s.words.T(means, args)
}

// foundJSON is what --json prints of a finding.
type foundJSON struct {
	Key   string         `json:"key"`
	Leaf  *int64         `json:"leaf"` // from 0; null: nowhere in particular
	Grave bool           `json:"grave"`
	Args  map[string]any `json:"args"`
	Text  string         `json:"text"`
	Means string         `json:"means"`
}

// headJSON is what --json prints of a head.
type headJSON struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

// reportJSON is report for programs.
func (s *session) reportJSON(r record.Report, err error) error {
	out := struct {
		OK        bool             `json:"ok"`
		Complete  bool             `json:"complete"`
		Error     string           `json:"error"` // why it is not complete
		Origin    string           `json:"origin"`
		Head      headJSON         `json:"head"`
		Key       string           `json:"key"`
		KeyGiven  bool             `json:"key_given"`
		Signed    bool             `json:"signed"`
		Saved     *headJSON        `json:"saved"`
		Read      int64            `json:"read"`
		Tiles     int              `json:"tiles"`
		Since     string           `json:"since"`
		Last      string           `json:"last"`
		Published map[string]int64 `json:"published"`
		Counted   map[string]int64 `json:"counted"` // null: cannot be told
		Findings  []foundJSON      `json:"findings"`
		More      int              `json:"more"`
	}{
		OK: err == nil && r.Good(), Complete: err == nil, Origin: r.Origin, Head: headJSON{r.Head.Size, root(r.Head.Root)}, Key: r.Key, KeyGiven: r.KeyGiven,
		Signed: r.Signed, Read: r.Read, Tiles: r.Tiles, Findings: []foundJSON{}, More: r.More,
	}
	if err != nil {
		out.Error, _ = s.words.Error(err)
	}
	if r.Saved != nil {
		out.Saved = &headJSON{r.Saved.Size, root(r.Saved.Root)}
	}
	if !r.Since.IsZero() {
		out.Since, out.Last = r.Since.Format(time.RFC3339), r.Last.Format(time.RFC3339)
	}
	if r.Public != nil {
		out.Published = byName(r.Public.Figures)
	}
	if r.Against != nil {
		out.Counted = byName(*r.Against)
	}
	for _, f := range r.Findings {
		j := foundJSON{Key: f.Key, Grave: f.Grave, Args: f.Args}
		if f.Leaf >= 0 {
			j.Leaf = &f.Leaf
		}
		j.Text, j.Means = s.finding(f)
		out.Findings = append(out.Findings, j)
	}
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

func byName(f record.Figures) map[string]int64 {
	m := map[string]int64{}
	for _, x := range f.List() {
		m[x.Name] = x.Value
	}
	return m
}

func root(r [32]byte) string { return base64.StdEncoding.EncodeToString(r[:]) }

func number(s *session, n int64) string { return s.words.Number(int(n)) }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

func lead(s string, width int) string {
	return strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0)) + s
}
