package mastodon

import (
	"encoding/json"
	"time"
)

// What the API gives, as far as it is read. Times are parsed leniently: one odd date must not lose a page.

type moments string

func (m moments) time() time.Time {
	t, err := time.Parse(time.RFC3339, string(m))
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// ident is an id: a string everywhere, a number on some servers.
type ident string

// UnmarshalJSON implements json.Unmarshaler.
func (i *ident) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*i = ident(s)
		return err
	}
	if string(b) == "null" {
		return nil
	}
	var n json.Number
	err := json.Unmarshal(b, &n)
	*i = ident(n.String())
	return err
}

type account struct {
	ID          ident  `json:"id"`
	Username    string `json:"username"`
	Acct        string `json:"acct"`
	DisplayName string `json:"display_name"`
	URL         string `json:"url"`
	Avatar      string `json:"avatar"`
	Bot         bool   `json:"bot"`
	Locked      bool   `json:"locked"`
	Suspended   bool   `json:"suspended"`
	Followers   *int   `json:"followers_count"`
	Source      *struct {
		Privacy string `json:"privacy"`
	} `json:"source"`
}

type mention struct {
	ID       ident  `json:"id"`
	Username string `json:"username"`
	Acct     string `json:"acct"`
	URL      string `json:"url"`
}

type attachment struct {
	ID          ident  `json:"id"`
	Type        string `json:"type"`
	URL         string `json:"url"`
	PreviewURL  string `json:"preview_url"`
	RemoteURL   string `json:"remote_url"`
	Description string `json:"description"`
	Meta        struct {
		Original struct {
			Width  int `json:"width"`
			Height int `json:"height"`
		} `json:"original"`
	} `json:"meta"`
}

type status struct {
	ID                 ident        `json:"id"`
	CreatedAt          moments      `json:"created_at"`
	EditedAt           moments      `json:"edited_at"`
	InReplyToID        ident        `json:"in_reply_to_id"`
	InReplyToAccountID ident        `json:"in_reply_to_account_id"`
	SpoilerText        string       `json:"spoiler_text"`
	Visibility         string       `json:"visibility"`
	Language           string       `json:"language"`
	URL                string       `json:"url"`
	URI                string       `json:"uri"`
	Content            string       `json:"content"`
	Text               *string      `json:"text"` // some servers give the author the text as it was typed
	Reblog             *status      `json:"reblog"`
	Account            account      `json:"account"`
	Media              []attachment `json:"media_attachments"`
	Mentions           []mention    `json:"mentions"`
	Quote              *struct {
		State  string  `json:"state"`
		Quoted *status `json:"quoted_status"`
	} `json:"quote"`
	Favourites *int `json:"favourites_count"`
	Replies    *int `json:"replies_count"`
	Reblogs    *int `json:"reblogs_count"`
	Quotes     *int `json:"quotes_count"` // Mastodon 4.5 and later
	Poll       *struct {
		Options []struct {
			Title string `json:"title"`
		} `json:"options"`
	} `json:"poll"`
}

type notification struct {
	ID        ident   `json:"id"`
	Type      string  `json:"type"`
	CreatedAt moments `json:"created_at"`
	Account   account `json:"account"`
	Status    *status `json:"status"`
}

type conversation struct {
	ID         ident     `json:"id"`
	Unread     bool      `json:"unread"`
	Accounts   []account `json:"accounts"`
	LastStatus *status   `json:"last_status"`
}

type threadContext struct {
	Ancestors   []status `json:"ancestors"`
	Descendants []status `json:"descendants"`
}

// instance reads both versions of the description of a server.
type instance struct {
	Domain        string `json:"domain"`         // v2
	URI           string `json:"uri"`            // v1
	AccountDomain string `json:"account_domain"` // GoToSocial
	Title         string `json:"title"`
	Version       string `json:"version"`
	MaxToot       int    `json:"max_toot_chars"` // v1 of servers that are not Mastodon
	URLs          struct {
		Streaming string `json:"streaming_api"` // v1
	} `json:"urls"`
	Configuration struct {
		URLs struct {
			Streaming string `json:"streaming"` // v2
		} `json:"urls"`
		Statuses struct {
			MaxCharacters int `json:"max_characters"`
			MaxMedia      int `json:"max_media_attachments"`
			PerURL        int `json:"characters_reserved_per_url"`
		} `json:"statuses"`
		Media struct {
			MIMETypes   []string `json:"supported_mime_types"`
			ImageSize   int64    `json:"image_size_limit"`
			ImagePixels int64    `json:"image_matrix_limit"`
			VideoSize   int64    `json:"video_size_limit"`
			VideoPixels int64    `json:"video_matrix_limit"`
			VideoFrames int      `json:"video_frame_rate_limit"`
			Description int      `json:"description_limit"`
		} `json:"media_attachments"`
	} `json:"configuration"`
}

func (i instance) domain() string {
	for _, d := range []string{i.AccountDomain, i.Domain, i.URI} {
		if d != "" {
			return hostOf(d)
		}
	}
	return ""
}

func (i instance) streaming() string {
	if i.Configuration.URLs.Streaming != "" {
		return i.Configuration.URLs.Streaming
	}
	return i.URLs.Streaming
}

type nodeinfoLinks struct {
	Links []struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	} `json:"links"`
}

type nodeinfo struct {
	Software struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"software"`
}
