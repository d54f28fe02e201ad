package view

import (
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

func when(yes bool, s string) string {
	if yes {
		return s
	}
	return ""
}

func upper(letter string) string { return strings.ToUpper(letter) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func keyAttrs(k KeyProps) templ.Attributes {
	a := templ.Attributes{}
	maps.Copy(a, k.Attrs)
	if k.Name != "" {
		a["name"] = k.Name
		a["value"] = k.Value
	}
	if k.Form != "" {
		a["form"] = k.Form
	}
	if k.Letter != "" {
		a["data-key"] = strings.ToLower(k.Letter)
		a["aria-keyshortcuts"] = strings.ToLower(k.Letter)
	}
	if k.OnlyIcon {
		a["aria-label"] = k.Label
		a["title"] = k.Label
	}
	return a
}

func describedBy(id string) templ.Attributes { return templ.Attributes{"aria-describedby": id} }

// runningAttrs has a certificate read itself again while there is still something to erase.
func runningAttrs(c Certificate) templ.Attributes {
	if !c.Running {
		return nil
	}
	return templ.Attributes{"hx-get": c.Here, "hx-trigger": "every 3s", "hx-select": ".certificate", "hx-target": "this", "hx-swap": "outerHTML"}
}

func archAttrs(label string) templ.Attributes {
	if label == "" {
		return templ.Attributes{"aria-hidden": "true"}
	}
	return templ.Attributes{"role": "img", "aria-label": label}
}

func idAttr(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

func moreAttrs(m MoreProps) templ.Attributes {
	if m.Target == "" {
		return nil
	}
	a := templ.Attributes{"hx-get": m.Href, "hx-target": m.Target, "hx-swap": "beforeend", "hx-select-oob": "#more"}
	if m.Select != "" {
		a["hx-select"] = m.Select
	}
	return a
}

// netDrawings are the marks that icons.svg holds; any other network is drawn as a site.
var netDrawings = []string{
	"instagram", "facebook", "google", "mastodon", "bluesky", "threads", "linkedin", "youtube", "tiktok",
	"tripadvisor", "telegram", "whatsapp", "email", "site",
}

func netDrawing(network string) string {
	if slices.Contains(netDrawings, network) {
		return network
	}
	return "site"
}

func mediaName(p Page, f MediaProps) string {
	switch {
	case f.Name != "":
		return f.Name
	case f.Kind == "image":
		return p.T("component.media.image")
	case f.Kind == "video":
		return p.T("component.media.video")
	case f.Kind == "audio":
		return p.T("component.media.audio")
	}
	return p.T("component.media.file")
}

func convAttrs(c ConvRowProps) templ.Attributes {
	a := templ.Attributes{"data-move": true}
	if c.ID != "" {
		a["id"] = c.ID
	}
	if c.Current {
		a["aria-current"] = "true"
	}
	if c.CaseURL != "" {
		a["data-case"] = c.CaseURL
	}
	return a
}

func convLink(c ConvRowProps) templ.Attributes {
	if c.Target == "" {
		return nil
	}
	// By its id the link keeps the focus when the list reads itself again.
	return templ.Attributes{"id": "open-" + c.ID, "hx-get": c.Href, "hx-target": c.Target, "hx-push-url": "true"}
}

func onPhone(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"class": "on-phone"}
}
