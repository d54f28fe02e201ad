package view

import (
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/lead"
)

// LeadForm is a form that strangers fill in, as it is drawn: on its public page, in a frame, and as a preview for who makes it.
type LeadForm struct {
	Action    string
	Fields    []LeadField
	Button    string
	Required  string // what the star means
	Trap      string // the label of the field that nobody sees
	Challenge string // to be worked on; "" nothing is sent from here
	Bits      string
	Hidden    [][2]string // names and values that go along
	Files     bool        // files go along
	Slow      string      // what is said to who has no script
	Working   string      // what is said while the browser reckons
	Preview   bool
}

// LeadField is one question.
type LeadField struct {
	ID       string
	Name     string
	Kind     string
	Label    string
	Hint     string
	Required bool
	Note     string // "facoltativo"
	Values   []string
	Options  []string
	Error    string
	Complete string // what browsers fill in by themselves
	Accept   string // of files
}

func (f LeadField) value() string {
	if len(f.Values) == 0 {
		return ""
	}
	return f.Values[0]
}

func (f LeadField) has(v string) bool {
	for _, x := range f.Values {
		if x == v {
			return true
		}
	}
	return false
}

// few tells whether the options of a choice stand side by side.
func (f LeadField) few() bool { return f.Kind == "several" || len(f.Options) <= 6 }

func (f LeadField) input() string {
	switch f.Kind {
	case "email":
		return "email"
	case "phone":
		return "tel"
	case "date":
		return "date"
	case "file":
		return "file"
	}
	return "text"
}

func (f LeadField) box() string {
	if f.Kind == "several" {
		return "checkbox"
	}
	return "radio"
}

// LeadFormOf is how a form is drawn, with what was typed and what is wrong with it, by the keys of its fields.
func LeadFormOf(words *i18n.Localizer, f lead.Form, typed map[string][]string, wrong map[string]string) LeadForm {
	out := LeadForm{Button: f.Settings.Button, Trap: words.T("formpage.trap"), Slow: words.T("formpage.slow"), Working: words.T("formpage.working")}
	if out.Button == "" {
		out.Button = words.T("formpage.send")
	}
	for _, q := range f.Fields {
		x := LeadField{
			ID: "f-" + q.Key, Name: "f." + q.Key, Kind: string(q.Kind), Label: q.Label, Hint: q.Hint, Required: q.Required, Values: typed[q.Key], Options: q.Options,
			Error: wrong[q.Key],
		}
		if !q.Required {
			x.Note = words.T("formpage.optional")
		}
		switch {
		case q.Kind == lead.Email:
			x.Complete = "email"
		case q.Kind == lead.Phone:
			x.Complete = "tel"
		case q.Key == lead.NameKey:
			x.Complete = "name"
		case q.Kind == lead.File:
			out.Files, x.Accept = true, "image/*,application/pdf"
			if x.Hint == "" {
				x.Hint = words.T("formpage.file")
			}
		}
		out.Fields = append(out.Fields, x)
	}
	return out
}
