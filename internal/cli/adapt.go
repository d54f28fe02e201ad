package cli

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/writing"
)

type adaptCmd struct {
	To       []string `name:"to" said:"" required:"" placeholder:"NETWORK[:MAX],..." help:"adapt_to"`
	Media    []string `name:"media" said:"" sep:"none" placeholder:"FILE" help:"adapt_media"`
	Alt      []string `name:"alt" said:"" sep:"none" placeholder:"TEXT" help:"adapt_alt"`
	Title    string   `name:"title" said:"" placeholder:"TEXT" help:"adapt_title"`
	Warning  string   `name:"warning" said:"" placeholder:"TEXT" help:"adapt_warning"`
	Lang     string   `name:"lang" said:"" placeholder:"it|en" help:"adapt_lang"`
	Number   bool     `name:"number" said:"" help:"adapt_number"`
	MaxParts int      `name:"max-parts" said:"" placeholder:"N" help:"adapt_max_parts"`
	Tags     string   `name:"tags" said:"" placeholder:"inline|end|none" help:"adapt_tags"`
	Tag      []string `name:"tag" said:"" placeholder:"TAG" help:"adapt_tag"`
	Campaign string   `name:"utm-campaign" said:"" placeholder:"NAME" help:"adapt_campaign"`
	Footer   string   `name:"footer" said:"" placeholder:"TEXT" help:"adapt_footer"`
	Markup   string   `name:"markup" said:"" placeholder:"html|markdown" help:"adapt_markup"`
}

func (*adaptCmd) settings() *config.Config { return nil }

// maxMessage is the longest message that is read, in bytes.
const maxMessage = 1 << 20

// adapted is what goes out.
type adapted struct {
	Variants []adaptedVariant `json:"variants"`
	Advice   []advice         `json:"advice"`
}

// advice is what should be looked at in the message itself.
type advice struct {
	Kind   writing.Kind  `json:"kind"`
	Level  writing.Level `json:"level"`
	Key    string        `json:"key"`
	Text   string        `json:"text"`
	Remedy string        `json:"remedy,omitempty"`
	Quote  string        `json:"quote,omitempty"`
}

type adaptedVariant struct {
	Network  adapt.Network    `json:"network"`
	Refused  bool             `json:"refused"`
	Parts    []adaptedPart    `json:"parts"`
	Fits     string           `json:"fits,omitempty"`
	Warnings []adaptedWarning `json:"warnings"`
}

type adaptedPart struct {
	Title     string         `json:"title,omitempty"`
	Warning   string         `json:"warning,omitempty"`
	Text      string         `json:"text"`
	Markup    string         `json:"markup,omitempty"`
	Length    int            `json:"length"`
	Limit     int            `json:"limit"`
	Unit      adapt.Unit     `json:"unit"`
	Facets    []adaptedFacet `json:"facets"`
	FacetUnit adapt.Unit     `json:"facet_unit"`
	Media     []adaptedMedia `json:"media"`
	Card      string         `json:"card,omitempty"`
	Tags      []string       `json:"tags,omitempty"`
}

type adaptedFacet struct {
	Kind  adapt.FacetKind `json:"kind"`
	Start int             `json:"start"`
	End   int             `json:"end"`
	Text  string          `json:"text"`
	Value string          `json:"value,omitempty"`
}

// adaptedMedia is a file and what it must become.
type adaptedMedia struct {
	File   string      `json:"file"`
	Alt    string      `json:"alt"`
	Change bool        `json:"change"`
	Type   string      `json:"type,omitempty"`
	Width  int         `json:"width,omitempty"`
	Height int         `json:"height,omitempty"`
	Bytes  int64       `json:"max_bytes,omitempty"`
	Crop   *adapt.Rect `json:"crop,omitempty"`
}

type adaptedWarning struct {
	Level adapt.Level `json:"level"`
	Key   string      `json:"key"`
	Text  string      `json:"text"`
	Part  *int        `json:"part,omitempty"`
	Media *int        `json:"media,omitempty"`
}

func (c *adaptCmd) run(s *session) error {
	words := s.words
	if c.Lang != "" {
		words = s.catalog.For(c.Lang)
	}
	targets, err := c.targets()
	if err != nil {
		return err
	}
	m := adapt.Message{Title: c.Title, Warning: c.Warning, Language: words.Lang()}
	if len(c.Alt) > len(c.Media) {
		return fault.New(fault.Invalid, "cli.adapt.alt")
	}
	for i, path := range c.Media {
		f, err := inspect(path)
		if err != nil {
			return fault.New(fault.Invalid, "cli.adapt.file").With("path", path).Because(err)
		}
		if i < len(c.Alt) {
			f.Alt = c.Alt[i]
		}
		m.Media = append(m.Media, f)
	}
	body, err := io.ReadAll(io.LimitReader(s.In, maxMessage+1))
	if err != nil {
		return err
	}
	if len(body) > maxMessage {
		return fault.New(fault.Invalid, "cli.adapt.huge").With("kilobytes", maxMessage>>10)
	}
	m.Text = string(body)
	out := adapted{Variants: []adaptedVariant{}}
	for _, t := range targets {
		v := adapt.Fit(m, t)
		one := adaptedVariant{Network: v.Network, Refused: v.Refused(), Fits: v.Fits, Warnings: []adaptedWarning{}}
		for _, p := range v.Parts {
			one.Parts = append(one.Parts, c.part(p, m, t))
		}
		for _, n := range v.Notes {
			w := adaptedWarning{Level: n.Level, Key: n.Key, Text: words.T(n.Key, n.Args)}
			if n.Part >= 0 {
				w.Part = &n.Part
			}
			if n.Media >= 0 {
				w.Media = &n.Media
			}
			one.Warnings = append(one.Warnings, w)
		}
		out.Variants = append(out.Variants, one)
	}
	out.Advice = c.advise(words, m)
	write := json.NewEncoder(s.Out)
	write.SetEscapeHTML(false)
	write.SetIndent("", "  ")
	return write.Encode(out)
}

// advise looks at how the message reads.
func (c *adaptCmd) advise(words *i18n.Localizer, m adapt.Message) []advice {
	in := writing.Text{Body: m.Text, Media: len(m.Media), Tags: len(c.Tag)}
	if c.Lang != "" {
		in.Language = words.Lang()
	}
	for _, f := range m.Media {
		in.Alts = append(in.Alts, f.Alt)
	}
	all := []advice{}
	for _, a := range writing.Look(in) {
		one := advice{Kind: a.Kind, Level: a.Level, Key: a.Key, Text: words.T(a.Key, a.Args), Quote: m.Text[a.Start:a.End]}
		if words.Has(a.Key + ".remedy") {
			one.Remedy = words.T(a.Key+".remedy", a.Args)
		}
		all = append(all, one)
	}
	return all
}

// targets reads where the message is to go.
func (c *adaptCmd) targets() ([]adapt.Target, error) {
	habit, markup := adapt.TagHabit(c.Tags), adapt.Markup(c.Markup)
	switch habit {
	case adapt.AsUsual, adapt.Inline, adapt.AtEnd, adapt.NoTags:
	default:
		return nil, fault.New(fault.Invalid, "cli.adapt.tags").With("value", c.Tags)
	}
	switch markup {
	case "", adapt.HTML, adapt.Markdown:
	default:
		return nil, fault.New(fault.Invalid, "cli.adapt.markup").With("value", c.Markup)
	}
	var all []adapt.Target
	for _, to := range c.To {
		name, most, limited := strings.Cut(strings.TrimSpace(to), ":")
		t := adapt.Target{
			Network: adapt.Network(strings.ToLower(name)), Tags: habit, Numbering: c.Number, MaxParts: c.MaxParts, Footer: c.Footer, ExtraTags: c.Tag, Markup: markup,
		}
		if t.Network == adapt.Fake || !adapt.Known(t.Network) {
			var known []string
			for _, n := range adapt.Networks() {
				known = append(known, string(n))
			}
			return nil, fault.New(fault.Invalid, "cli.adapt.network").With("value", name).With("known", strings.Join(known, ", "))
		}
		if limited {
			n, err := strconv.Atoi(most)
			if err != nil || n < 1 {
				return nil, fault.New(fault.Invalid, "cli.adapt.max").With("value", to)
			}
			t.Max = n
		}
		if c.Campaign != "" {
			t.UTM = &adapt.UTM{Campaign: c.Campaign}
		}
		all = append(all, t)
	}
	return all, nil
}

func (c *adaptCmd) part(p adapt.Part, m adapt.Message, t adapt.Target) adaptedPart {
	rules := adapt.RulesOf(t.Network)
	one := adaptedPart{
		Title: p.Title, Warning: p.Warning, Text: p.Text, Markup: p.Markup, Length: p.Length, Limit: p.Limit, Unit: p.Unit,
		Facets: []adaptedFacet{}, FacetUnit: rules.FacetUnit, Media: []adaptedMedia{}, Card: p.Card, Tags: p.Tags,
	}
	for _, f := range p.Facets {
		one.Facets = append(one.Facets, adaptedFacet{Kind: f.Kind, Start: f.Start, End: f.End, Text: p.Covered(f), Value: f.Value})
	}
	for _, i := range p.Media {
		plan := adapt.FitMediaTo(m.Media[i], rules.Media)
		f := adaptedMedia{File: c.Media[i], Alt: m.Media[i].Alt, Change: plan.Change, Type: plan.MIME, Width: plan.Width, Height: plan.Height, Bytes: plan.Bytes}
		if plan.Cropped(m.Media[i]) {
			f.Crop = &plan.Crop
		}
		one.Media = append(one.Media, f)
	}
	return one
}
