//! What an author can do about each kind of finding.

/// The advice for a message key, in English; one that has none gets the general advice.
pub fn of(key: &str) -> &'static str {
    match key {
        "freq_min" | "freq_min_maybe" | "freq_min_words" => {
            "Merge categories until each count reaches the minimum, or suppress the cell and a \
             second one of the same row and column."
        }
        "magnitude_few" | "quantile_few" => {
            "Merge categories until enough units stand behind the statistic, or suppress it."
        }
        "dominance" | "p_percent" => {
            "Merge the cell with a neighbour so that no unit dominates it, or suppress it with a \
             second cell of the same row and column."
        }
        "class_disclosure" => "Merge categories so that no group falls whole into one of them.",
        "extreme_value" => "Give quantiles that enough units stand behind instead of extremes.",
        "derived_count" => "Round the percentage or the base, or merge categories.",
        "dof_low" => "Use fewer parameters or more observations.",
        "rows_individual" => "Release tables of aggregates, never lines of single units.",
        "id_direct" | "id_pseudonym" => "Remove the identifiers; keep only aggregates.",
        "geo_fine" => "Use a coarser geography, or show that each place has enough inhabitants.",
        "too_many_rows" | "too_large" | "too_many_files" | "too_continuous" => {
            "Release less: the tables that the publication needs."
        }
        "binary_dataset" => "Export result tables as text; data files never leave.",
        "type_mismatch" => "Give the file the extension of its content, without appended data.",
        "hidden_sheet" | "hidden_row" | "hidden_column" | "hidden_format" | "hidden_font"
        | "hidden_text" | "hidden_name" => {
            "Show it or delete it: copy what shall leave, as values, into a new file."
        }
        "hidden_comment" | "hidden_markup" => "Delete the comments, or put them into the text.",
        "hidden_change" => "Accept or reject all changes, then save.",
        "embedded_pivot" | "embedded_chart" | "embedded_link" | "embedded_file" => {
            "Paste tables as values and charts as pictures, without the data behind them."
        }
        "embedded_blob" | "embedded_plot" | "embedded_graph" => {
            "Export the plot as a picture, and its table as text where it may leave."
        }
        "embedded_macro" => "Save it without macros and scripts.",
        "metadata_person" | "metadata_path" => "Remove the document's properties before sending.",
        "plot_points" => {
            "Draw groups instead of single units: bins, densities, quantiles, box plots without \
             outliers."
        }
        "model_artifact" => "Say how it was fitted, or send its coefficients as a table.",
        "model_contains_data" => "Send its coefficients or its performance, never the object.",
        "model_leaf" => "Fit it with a minimum of units in each leaf.",
        "picture_unread" | "picture_blank" => "Send the table behind the picture beside it.",
        "archive_encrypted" => "Send it without a password.",
        "code_embeds_data" => "Read the data from a file instead of writing it into the program.",
        "differencing" => {
            "Publish one of the two tables, or make both on the same population; else merge \
             categories until no difference is small."
        }
        "dummy_few" => "Merge the category with another one, or leave its coefficient out.",
        "model_saturated" | "model_implicit_table" => {
            "Use fewer parameters; what is a table of means is checked as one, with its counts."
        }
        "n_missing" => "Report the number of observations of each model.",
        "counts_missing" => "Add the number of units of each cell.",
        "control_file_missing" | "control_file_unread" | "control_file_contradicts" => {
            "Add a supporting file with the largest contribution of each cell; it never leaves."
        }
        "comparison_cut" | "secondary_unsolved" => {
            "Send fewer or smaller tables at once, so that all of them can be compared."
        }
        "description_missing" => "Add a text that says the population, the filters and the unit.",
        "secondary_recoverable" | "secondary_band" => {
            "Suppress a second cell in each row and column of the masked cell, or its totals."
        }
        "formula" => "Write a plain value: a spreadsheet would run this cell as a formula.",
        _ => "Describe the content so that a checker can decide, or send it as a text table.",
    }
}
