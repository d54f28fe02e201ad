package feed

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
)

type jsonPerson struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonItem struct {
	ID          json.RawMessage `json:"id"`
	URL         string          `json:"url"`
	External    string          `json:"external_url"`
	Title       string          `json:"title"`
	HTML        string          `json:"content_html"`
	Text        string          `json:"content_text"`
	Summary     string          `json:"summary"`
	Image       string          `json:"image"`
	Published   string          `json:"date_published"`
	Modified    string          `json:"date_modified"`
	Author      jsonPerson      `json:"author"`
	Authors     []jsonPerson    `json:"authors"`
	Tags        []string        `json:"tags"`
	Language    string          `json:"language"`
	Attachments []struct {
		URL  string `json:"url"`
		Type string `json:"mime_type"`
	} `json:"attachments"`
}

// jsonFeed goes over a JSON Feed without holding more than one article.
type jsonFeed struct {
	dec  *json.Decoder
	in   *meter
	base *url.URL
	got  func(*Item) error
	feed Feed
	is   bool  // it says that it is a feed
	err  error // of got
}

func readJSON(r *bufio.Reader, in *meter, base *url.URL, got func(*Item) error) (Feed, error) {
	if head, _ := r.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = r.Discard(3) // it is there
	}
	j := &jsonFeed{dec: json.NewDecoder(r), in: in, base: base, got: got, feed: Feed{Kind: JSON}}
	err := j.run()
	switch {
	case j.err != nil:
		return j.feed, j.err
	case err != nil:
		return j.feed, in.broken(err, in.line)
	case !j.is && j.feed.Items == 0:
		return j.feed, ErrUnknown
	}
	return j.feed, nil
}

func (j *jsonFeed) run() error {
	if _, err := j.dec.Token(); err != nil {
		return err
	}
	for j.dec.More() {
		key, err := j.dec.Token()
		if err != nil {
			return err
		}
		if key == "items" {
			if err := j.items(); err != nil {
				return err
			}
			continue
		}
		name, _ := key.(string)
		var raw json.RawMessage
		if err := j.dec.Decode(&raw); err != nil {
			return err
		}
		j.head(name, raw)
	}
	if _, err := j.dec.Token(); err != nil { // the closing one
		return err
	}
	if _, err := j.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("feed: something follows the JSON")
	}
	return nil
}

// head takes a field of the feed itself; what is not in its form is left out.
func (j *jsonFeed) head(name string, raw json.RawMessage) {
	var words string
	_ = json.Unmarshal(raw, &words)
	switch name {
	case "version":
		j.is = strings.Contains(words, "jsonfeed.org/version/")
	case "title":
		j.feed.Title = strings.TrimSpace(words)
	case "home_page_url":
		j.feed.URL = address(j.base, words)
	case "feed_url":
		j.feed.Self = address(j.base, words)
	case "next_url":
		j.feed.Next = address(j.base, words)
	case "language":
		j.feed.Language = words
	case "author":
		var p jsonPerson
		if json.Unmarshal(raw, &p) == nil {
			j.feed.Author = j.person(p)
		}
	case "authors":
		var p []jsonPerson
		if json.Unmarshal(raw, &p) == nil && len(p) > 0 {
			j.feed.Author = j.person(p[0])
		}
	case "hubs":
		var hubs []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		}
		_ = json.Unmarshal(raw, &hubs)
		for _, h := range hubs {
			if u := address(j.base, h.URL); u != "" && strings.EqualFold(h.Type, "websub") {
				j.feed.Hubs = append(j.feed.Hubs, u)
			}
		}
	}
}

func (j *jsonFeed) person(p jsonPerson) Person {
	return Person{Name: strings.TrimSpace(p.Name), URL: address(j.base, p.URL)}
}

func (j *jsonFeed) items() error {
	t, err := j.dec.Token()
	if err != nil || t != json.Delim('[') {
		return errors.Join(err, errors.New("feed: items is no list"))
	}
	for j.dec.More() {
		j.in.rest()
		var raw json.RawMessage
		if err := j.dec.Decode(&raw); err != nil {
			return err
		}
		var x jsonItem
		if json.Unmarshal(raw, &x) != nil {
			continue // one article in another form does not spoil the rest
		}
		it := j.item(x)
		if it == nil {
			continue
		}
		j.feed.Items++
		if j.err = j.got(it); j.err != nil {
			return j.err
		}
	}
	_, err = j.dec.Token()
	return err
}

func (j *jsonFeed) item(x jsonItem) *Item {
	it := &Item{
		URL: address(j.base, x.URL), Title: strings.TrimSpace(x.Title), HTML: x.HTML, Text: strings.TrimSpace(x.Text), Summary: strings.TrimSpace(x.Summary),
		Published: Moment(x.Published), Updated: Moment(x.Modified), Tags: x.Tags, Language: x.Language, Author: j.person(x.Author),
	}
	if json.Unmarshal(x.ID, &it.ID) != nil {
		var n json.Number
		if json.Unmarshal(x.ID, &n) == nil {
			it.ID = n.String()
			if f, err := n.Float64(); err == nil && f == float64(int64(f)) {
				it.ID = strconv.FormatInt(int64(f), 10)
			}
		}
	}
	if len(x.Authors) > 0 {
		it.Author = j.person(x.Authors[0])
	}
	if it.URL == "" {
		it.URL = address(j.base, x.External)
	}
	if it.HTML != "" {
		it.Text = plain(it.HTML)
	}
	if it.Text == "" {
		it.Text, it.Summary = it.Summary, ""
	}
	for _, a := range x.Attachments {
		if u := address(j.base, a.URL); u != "" {
			it.Files = append(it.Files, File{URL: u, Type: a.Type})
		}
	}
	if u := address(j.base, x.Image); u != "" {
		it.Files = append(it.Files, File{URL: u, Type: "image"})
	}
	return it.whole()
}
