package access

import "html/template"

// The forms, without the frame that every page has.
var (
	signInPage = template.Must(template.New("sign in").Parse(`<h1>Sign in</h1>
{{if .Link}}<form method="post" action="/sign-in">
<input type="hidden" name="link" value="{{.Link}}"><input type="hidden" name="next" value="{{.Next}}">
<p>This link is good once.</p><button type="submit">Sign in</button>
</form>
{{else}}{{if .Provider}}<p><a class="button" href="/sign-in/provider?next={{.Next}}">Sign in with your organisation</a></p>{{end}}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="{{.Next}}">
<p><label>A token of yours <input type="password" name="token" required autocomplete="current-password"></label></p>
<button type="submit">Sign in</button>
</form>
<p>Or open a link that was made for you: <code>clew user link NAME</code> makes one that is good once.</p>{{end}}
`))

	purposePage = template.Must(template.New("purpose").Parse(`<h1>Why do you look into {{if .Case}}case {{.Case}}{{else}}these cases{{end}}?</h1>
<p>{{if .Case}}It belongs to another team.{{else}}Some belong to other teams.{{end}} What you write is kept with everything that you look at there, and auditors read it.</p>
<form method="post" action="/purpose">
<input type="hidden" name="case" value="{{.Case}}"><input type="hidden" name="next" value="{{.Next}}">
<p><label>Purpose <input name="why" required maxlength="1000" size="60"></label></p>
<button type="submit">Go on</button>
</form>
`))
)
