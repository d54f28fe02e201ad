package view

// SignInStep is where someone stands at the door.
type SignInStep string

// The steps of signing in.
const (
	SignInPassword SignInStep = "password"
	SignInCode     SignInStep = "code"     // the second factor: six digits
	SignInRecovery SignInStep = "recovery" // a recovery code instead
)

// SignIn is the view of the door. The company's name comes from Page.CompanyName.
// The password step posts email, password and next to PathSignIn; the others post code or recovery, and next, to PathSignInCode.
type SignIn struct {
	Step   SignInStep
	Email  string
	Next   string            // where to go afterwards
	Error  string            // about the whole form: wrong password, too many tries
	Remedy string            // what to do about it
	Errors map[string]string // by field: email, password, code, recovery
	Note   string            // why the person is here: "Sei uscito", "La sessione è finita"
}

// Welcome is the view of the first run. Its first step posts company, zone, name, email and password to PathWelcome;
// the second posts way (WayConnect or WaySample) to PathStart.
type Welcome struct {
	Step     int // 1: who you are; 2: where to begin
	Company  string
	Zone     string // of the company, as said in step 2
	Zones    []Option
	Name     string
	Email    string
	Way      string
	Secret   string // the one-time word of the address in the terminal, posted as "key"
	Error    string
	Remedy   string
	Errors   map[string]string // by field: company, zone, name, email, password, way
	Networks string            // "Mastodon e Bluesky": what can be connected today
	NoSample bool              // this house cannot make a sample company
}

// The ways on from the welcome.
const (
	WayConnect = "connect"
	WayImport  = "import" // shown, honestly, as not there yet
	WaySample  = "sample"
)

// Invite is the view of an accepted invitation. It posts name and password to Action.
type Invite struct {
	Action  string
	Inviter string
	Role    string // translated
	Email   string // fixed by the invitation; "" asks for it
	Name    string
	Error   string
	Remedy  string
	Errors  map[string]string // by field: name, email, password
}

// Failure is the view of an error. Empty texts are filled from the catalog by Status.
type Failure struct {
	Status    int // 400 403 404 405 409 413 422 429 500 502 503
	Title     string
	Text      string
	Remedy    string
	Reference string // of the request, to find it in the log
	Href      string // the way on; "" leads to today, or to the door for someone not signed in
	Label     string
}

func (f Failure) text(p Page, given, suffix string) string {
	if given != "" {
		return given
	}
	key := "door.error.500"
	switch f.Status {
	case 400, 422:
		key = "door.error.422"
	case 403:
		key = "door.error.403"
	case 404, 405, 410:
		key = "door.error.404"
	case 409:
		key = "door.error.409"
	case 413:
		key = "door.error.413"
	case 429:
		key = "door.error.429"
	case 502, 504:
		key = "door.error.502"
	case 503:
		key = "door.error.503"
	}
	return p.T(key + suffix)
}

func (f Failure) href(p Page) string {
	switch {
	case f.Href != "":
		return f.Href
	case p.Member.SignedIn():
		return PathToday
	}
	return PathSignIn
}

func (f Failure) label(p Page) string {
	switch {
	case f.Label != "":
		return f.Label
	case p.Member.SignedIn():
		return p.T("door.error.today")
	}
	return p.T("door.error.signin")
}
