"""Streamlit's own words that a learner meets: they are written into its scripts, in English, and no setting changes them.

`streamlit_words.js` puts the translations in their place. Words that only a developer's menu shows are not among these.
"""

from __future__ import annotations

from lessonkit.language import tr, translatable

WORDS = (
    # choosing files
    translatable("Upload"),
    translatable("Drag and drop a file here"),
    translatable("Drag and drop files here"),
    translatable("{size} per file"),
    translatable("Add files"),
    translatable("File must be {size} or smaller."),
    translatable("{type} files are not allowed."),
    translatable("Only one file is allowed."),
    translatable("Error: "),
    translatable("Upload failed"),
    translatable("Remove {name}"),
    translatable("Cancel upload of {name}"),
    # the camera
    translatable("This app would like to use your camera."),
    translatable("Learn how to allow access."),
    translatable("Take Photo"),
    translatable("Clear photo"),
    translatable("Switch camera"),
    translatable("Uploading..."),
    # boxes to choose from and to type into
    translatable("Choose an option"),
    translatable("Choose options"),
    translatable("No results"),
    translatable("Clear value"),
    translatable("Clear all"),
    translatable("Select all"),
    translatable("Select {n} matches"),
    translatable("Selected values"),
    translatable("Open"),
    translatable("Press Enter to apply"),
    translatable("Press Enter to submit form"),
    translatable("Press {key}+Enter to apply"),
    translatable("Show password"),
    translatable("Hide password"),
    translatable("Increment"),
    translatable("Decrement"),
    translatable("Help"),
    translatable("Help for {label}"),
    # tables, charts and code
    translatable("Fullscreen"),
    translatable("Close fullscreen"),
    translatable("Show/hide columns"),
    translatable("Download as CSV"),
    translatable("Search"),
    translatable("Type to search"),
    translatable("Previous Result"),
    translatable("Next Result"),
    translatable("Close Search"),
    translatable("Copy to clipboard"),
    translatable("Copied"),
    translatable("Copy column name"),
    translatable("Sort ascending"),
    translatable("Sort descending"),
    translatable("Format"),
    translatable("Statistics"),
    translatable("Autosize"),
    translatable("Pin column"),
    translatable("Unpin column"),
    translatable("Hide column"),
    # the frame of the page
    translatable("Main menu"),
    translatable("Print"),
    translatable("Record screen"),
    translatable("Theme"),
    translatable("System"),
    translatable("Light"),
    translatable("Dark"),
    translatable("Skip to main content"),
    translatable("Collapse sidebar"),
    translatable("Expand sidebar"),
    translatable("Close"),
    translatable("Stop"),
    translatable("Stopping..."),
    translatable("Running..."),
    # what went wrong
    translatable("Connecting"),
    translatable("Connecting to Streamlit server"),
    translatable("Unable to connect to Streamlit server"),
    translatable("Connection error"),
    translatable("Streamlit server is not responding. Are you connected to the internet?"),
    translatable(
        "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:"
    ),
    translatable("Page not found"),
    translatable("The page that you have requested does not seem to exist. Running the app's main page."),
    translatable(
        "You have requested page /{name}, but no corresponding file was found in the app's pages/ directory. Running the app's main page."
    ),
)
"""As they stand in the page, {places} for what differs."""


def in_this_language() -> dict[str, str]:
    """Each of WORDS that the language of now says otherwise, and how it says it."""
    return {english: said for english in WORDS if (said := tr(english)) != english}
