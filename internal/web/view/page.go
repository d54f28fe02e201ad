package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Room is a place in the rail.
type Room string

// The rooms in the rail, in its order.
const (
	RoomToday    Room = "today"
	RoomInbox    Room = "inbox"
	RoomCases    Room = "cases"
	RoomPosts    Room = "posts"
	RoomTies     Room = "ties"
	RoomResults  Room = "results"
	RoomChannels Room = "channels"
	RoomTeam     Room = "team"
	RoomSettings Room = "settings"
)

// The addresses that the shell and the door's pages link to; the door mounts its handlers there.
const (
	PathToday      = "/"
	PathInbox      = "/inbox"
	PathCases      = "/cases"
	PathDoubts     = "/cases/doubts"
	PathPosts      = "/posts"
	PathTies       = "/ties"
	PathPresence   = "/presence"
	PathLinks      = "/results/links"
	PathSecurity   = "/results/security"
	PathDependence = "/results/dependence"
	PathMonday     = "/results/letter"
	PathPromises   = "/promises"
	PathGrowth     = "/cases/page"
	PathTriage     = "/settings/triage"
	PathTiesWishes = "/settings/ties"
	PathPrivacy    = "/settings/privacy"
	PathChannels   = "/channels"
	PathTeam       = "/team"
	PathSettings   = "/settings"
	PathProfile    = "/settings/me"
	PathSignIn     = "/sign-in"
	PathSignInCode = "/sign-in/code"
	PathSignOut    = "/sign-out"
	PathWelcome    = "/welcome"
	PathStart      = "/welcome/start"
	PathLanguage   = "/language"
	PathTheme      = "/theme"
	PathLive       = "/live"
	PathVisit      = "/visit"
	PathHelp       = "/help"
	PathAudit      = "/settings/audit"
	PathSaved      = "/settings/replies"
	PathFactor     = "/settings/me/two-factor"
)

// resultsPages are the pages of the room of results.
func resultsPages(p Page) []Tab {
	tabs := []Tab{
		{Label: p.T("shell.results"), Href: PathResults},
		{Label: p.T("shell.leads"), Href: PathLeads},
		{Label: p.T("shell.links"), Href: PathLinks},
		{Label: p.T("shell.presence"), Href: PathPresence},
	}
	if p.Results {
		tabs = append(tabs, Tab{Label: p.T("shell.dependence"), Href: PathDependence}, Tab{Label: p.T("shell.monday"), Href: PathMonday})
	}
	if p.Audits {
		tabs = append(tabs, Tab{Label: p.T("shell.security"), Href: PathSecurity})
	}
	for i := range tabs {
		tabs[i].Current = strings.HasPrefix(p.Path, tabs[i].Href) && (tabs[i].Href != PathResults || !aside(p.Path))
	}
	return tabs
}

// aside tells whether a page below that of results is another one of the room.
func aside(path string) bool {
	for _, other := range []string{PathLinks, PathSecurity, PathDependence, PathMonday} {
		if strings.HasPrefix(path, other) {
			return true
		}
	}
	return false
}

// Themes of a page. Auto follows the person's machine.
const (
	ThemeAuto  = "auto"
	ThemeLight = "light"
	ThemeDark  = "dark"
)

// Page is what every page and every fragment needs besides its own content.
type Page struct {
	Lang        string // "it" or "en"
	Title       string // already translated; "Ponte" is added
	CompanyName string // may be empty before the welcome
	Sample      bool   // the company is invented: every page says so
	Visiting    bool   // the member looks round the sample and has a company of their own to go back to
	Nav         Room   // which key of the rail is down; "" for none
	Waiting     int    // people who wait for an answer: the only number in the rail
	Member      Self
	Theme       string     // ThemeAuto, ThemeLight or ThemeDark
	KeysOff     bool       // the member switched the single-letter keys off
	Topics      string     // live topics of this page, separated by spaces: "inbox conversation:01H..."; "" for none
	Path        string     // path and query of this page, to come back to after a change of language or theme
	Few         bool       // a member who has only what is theirs: the rail shows today and the cases
	Posts       bool       // Few, but posts are shared with them: the rail leads there too
	Results     bool       // a member who may see what comes of it all
	Audits      bool       // a member who may see how safe the company is
	Full        bool       // the page fills the window and scrolls in columns (the inbox)
	Stop        *PostsStop // all posts are paused: said on top of pages about posts and of that of today
	Toast       *ToastProps

	// AssetURL gives the address of a file of package static.
	AssetURL func(name string) string
	// T translates a catalog key; args are names and values in turn: T("inbox.reply.send", "name", "Elena").
	T func(key string, args ...any) string
	// N translates a plural key for a count, which is "count" in the sentence.
	N func(key string, count int, args ...any) string
}

// Self is the member who looks at the page. The zero value is someone not signed in.
type Self struct {
	Name     string
	Initials string // Initials(Name) when empty
}

// SignedIn tells whether somebody is.
func (s Self) SignedIn() bool { return s.Name != "" }

func (s Self) short() string {
	if s.Initials != "" {
		return s.Initials
	}
	return Initials(s.Name)
}

func (s Self) firstName() string {
	first, _, _ := strings.Cut(s.Name, " ")
	return first
}

// IconURL gives the address of a drawing in icons.svg, for example "i-reply" or "n-mastodon".
func (p Page) IconURL(id string) string { return p.AssetURL("icons.svg") + "#" + id }

func (p Page) fullTitle() string {
	if p.Title == "" {
		return "Ponte"
	}
	return p.Title + " · Ponte"
}

func (p Page) bodyClass() string {
	var c []string
	if p.Full {
		c = append(c, "desk-full")
	}
	if p.Sample {
		c = append(c, "is-sample")
	}
	return strings.Join(c, " ")
}

func (p Page) theme() string {
	switch p.Theme {
	case ThemeLight, ThemeDark:
		return p.Theme
	}
	return ThemeAuto
}

func (p Page) back() string {
	if p.Path == "" {
		return PathToday
	}
	return p.Path
}

// Initials gives one or two capital letters for a name: "Elena Corsi" gives "EC", "@ada@example.org" gives "A".
func Initials(name string) string {
	var letters []rune
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '@' || r == '.' || r == '_' || r == '-' }) {
		r, _ := utf8.DecodeRuneInString(word)
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			letters = append(letters, unicode.ToUpper(r))
		}
	}
	switch {
	case len(letters) == 0:
		return "?"
	case strings.HasPrefix(name, "@") || len(letters) == 1:
		return string(letters[:1])
	}
	return string([]rune{letters[0], letters[len(letters)-1]})
}
